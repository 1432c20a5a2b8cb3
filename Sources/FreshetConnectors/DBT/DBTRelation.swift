/// The name of a table as dbt writes it: each adapter quotes in its own way.
///
/// - SeeAlso: dbt-adapters, `BaseRelation.quote_character`: double quotes, backticks, or brackets.
struct DBTRelation: Hashable {
    /// Without quotes; one to three.
    var parts: [String]

    init(parts: [String]) { self.parts = parts }

    /// Reads `"db"."schema"."table"`, `` `db`.`schema`.`table` ``, `[db].[schema].[table]` or `db.schema.table`.
    ///
    /// BigQuery writes one pair of backticks around each part, some of its users around all of them.
    init?(_ text: String) {
        var parts: [String] = []
        var rest = Substring(text)
        while true {
            guard let first = rest.first else { return nil }
            let close: Character? =
                switch first {
                case "\"": "\""
                case "`": "`"
                case "[": "]"
                default: nil
                }
            if let close {
                var part = ""
                rest = rest.dropFirst()
                while let sign = rest.popFirst() {
                    guard sign == close else {
                        part.append(sign)
                        continue
                    }
                    guard rest.first == close else { break }
                    // A quote that is written twice stands for itself.
                    part.append(sign)
                    rest = rest.dropFirst()
                }
                parts += first == "`" ? part.split(separator: ".").map(String.init) : [part]
            } else {
                let part = rest.prefix { $0 != "." }
                parts.append(String(part))
                rest = rest.dropFirst(part.count)
            }
            if rest.isEmpty { break }
            guard rest.popFirst() == "." else { return nil }
        }
        guard !parts.isEmpty, parts.count <= 3, !parts.contains("") else { return nil }
        self.parts = parts
    }

    /// As `sql.table` reads it.
    var quoted: String {
        parts.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ".")
    }
}
