import FoundationEssentials
import FreshetCore

/// A project of many assets in random layers: tables, branches, and models that read them.
struct RandomProject {
    let count: Int
    private var chance: Chance

    init(count: Int, seed: UInt64) {
        self.count = count
        chance = Chance(seed: seed)
    }

    /// Half of the assets are tables that stand in layers behind one another, a tenth branches, the rest models.
    mutating func write(to folder: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder + "/assets", withIntermediateDirectories: true)
        try put(
            """
            project: bench
            timezone: UTC
            connections:
              warehouse: {kind: sqlite, path: nowhere.db}
              powerbi: {kind: powerbi, tenant_id: t, client_id: c, client_secret: "${secret:env/NOWHERE}"}
            defaults:
              sql.table: {connection: warehouse}
              powerbi.semantic_model:
                connection: powerbi
                workspace: w
                automation: {on: change, quiet_period: 2m}

            """,
            folder + "/freshet.yaml"
        )
        var text = "assets:\n"
        var file = 0
        let tables = count / 2
        let branches = count / 10
        for index in 0..<count {
            text +=
                index < tables
                ? table(index) : index < tables + branches ? branch(index, tables, branches) : model(index, tables)
            if (index + 1) % 500 == 0 || index == count - 1 {
                try put(text, "\(folder)/assets/part\(file).yaml")
                text = "assets:\n"
                file += 1
            }
        }
    }

    private mutating func table(_ index: Int) -> String {
        let layer = index % 20 == 0 ? [] : (0..<3).map { _ in Int(chance.next() * Double(index)) }
        let deps = Set(layer).sorted().map { "table/t\($0)" }.joined(separator: ", ")
        return "  - {key: table/t\(index), kind: sql.table, table: t\(index), deps: [\(deps)]}\n"
    }

    /// Each branch leads to one model of its own.
    private mutating func branch(_ index: Int, _ tables: Int, _ branches: Int) -> String {
        let input = "table/t\(Int(chance.next() * Double(tables)))"
        return """
              - key: gate/g\(index)
                kind: branch
                deps: [\(input)]
                choose: [{if: "changed(\(input))", then: [model/m\(index + branches)]}]

            """
    }

    private mutating func model(_ index: Int, _ tables: Int) -> String {
        let branches = count / 10
        let gate = index - branches
        let deps = gate < tables + branches && gate >= tables ? "deps: [gate/g\(gate)]\n    " : ""
        let one = Int(chance.next() * Double(tables))
        let two = Int(chance.next() * Double(tables))
        return """
              - key: model/m\(index)
                kind: powerbi.semantic_model
                model: M\(index)
                \(deps)refresh:
                  tables:
                    one: {from: table/t\(one)}
                    two: {from: table/t\(two)}

            """
    }

    private func put(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }
}
