import Testing

@testable import FreshetCore

@Suite struct `The nearest word` {
    @Test(arguments: [
        ("chnaged", "changed"),  // swapped neighbours
        ("change", "changed"),  // a letter too few
        ("faileed", "failed"),  // a letter too many
        ("velue", "value"),  // a wrong letter
        ("KIND", "kind"),  // upper case
        ("ky", "key"),
    ]) func `is the one a slip away`(word: String, meant: String) {
        #expect(nearest(word, among: ["changed", "failed", "key", "kind", "value"]) == meant)
    }

    @Test(arguments: ["", "x", "warehouse", "chgd", "elephants"])
    func `is none when nothing is alike`(word: String) {
        #expect(nearest(word, among: ["changed", "failed", "k", "kind", "value"]) == nil)
    }

    @Test func `does not depend on the order of the candidates`() {
        #expect(nearest("sale", among: ["sales", "tale", "male", "salt"]) == "male")
        #expect(nearest("sale", among: ["salt", "male", "tale", "sales"]) == "male")
    }

    @Test(arguments: 0..<300) func `is what the whole table says`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let words = (0..<20).map { _ in word(using: &generator) }
        let written = word(using: &generator)
        let limit = min(4, max(1, written.count / 3))
        let near = words.map { (distance(written, $0), $0) }
            .filter { $0.0 <= limit && ($0.0 == 0 || $0.0 < max(written.count, $0.1.count)) }
            .min { $0 < $1 }
        #expect(nearest(written, among: words) == near?.1, "\(written) among \(words)")
    }

    @Test func `costs a narrow band of each candidate of a like length`() {
        var search = NearestSearch("warehouse/fct_sales_of_the_year")
        for index in 0..<20_000 { search.consider("warehouse/fct_orders_number_\(index)") }
        #expect(search.best == nil)
        #expect(search.cells < 20_000 * 34 * 9)

        var unlike = NearestSearch("sales")
        for index in 0..<20_000 { unlike.consider("warehouse/fct_orders_\(index)") }
        #expect(unlike.cells == 0)
    }

    @Test func `for a key is also one that ends so`() {
        let keys: [AssetKey] = ["dbt/retail/orders", "warehouse/fct_sales", "powerbi/retail/sales"]
        #expect(AssetKey.nearest(to: "fct_sales", among: keys) == "warehouse/fct_sales")
        #expect(AssetKey.nearest(to: "retail/sales", among: keys) == "powerbi/retail/sales")
        #expect(AssetKey.nearest(to: "warehouse/fct_slaes", among: keys) == "warehouse/fct_sales")
        #expect(AssetKey.nearest(to: "fct_slaes", among: keys) == "warehouse/fct_sales")
        #expect(AssetKey.nearest(to: "lake/bronze", among: keys) == nil)
    }

    private func word(using generator: inout SeededGenerator) -> String {
        String((0..<Int.random(in: 0...9, using: &generator)).map { _ in "abc".randomElement(using: &generator)! })
    }

    /// The distance by its definition, without a band.
    private func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var table = (0...left.count).map { row in (0...right.count).map { row == 0 ? $0 : row } }
        for row in left.indices {
            for column in right.indices {
                let cost = left[row] == right[column] ? 0 : 1
                var value = min(table[row][column] + cost, table[row][column + 1] + 1, table[row + 1][column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    value = min(value, table[row - 1][column - 1] + 1)
                }
                table[row + 1][column + 1] = value
            }
        }
        return table[left.count][right.count]
    }
}
