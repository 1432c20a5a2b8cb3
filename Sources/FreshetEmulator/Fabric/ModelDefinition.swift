/// A model's definition as the files of which it consists.
enum ModelDefinition: String {
    case tmdl = "TMDL"
    case tmsl = "TMSL"

    /// The body of an operation's result: base64 parts.
    func json(of model: Model) -> JSON {
        var files: [(path: String, text: String)] = [
            ("definition.pbism", #"{"version":"4.0","settings":{}}"#)
        ]
        switch self {
        case .tmdl:
            files += [
                ("definition/database.tmdl", "database\n\tcompatibilityLevel: 1550\n"),
                ("definition/model.tmdl", ModelDefinition.modelText(model)),
                ("definition/expressions.tmdl", ModelDefinition.expressionsText(model)),
            ]
            files += model.tables.map { ("definition/tables/\($0.name).tmdl", ModelDefinition.tableText($0)) }
        case .tmsl: files.append(("model.bim", ModelDefinition.bim(model).text))
        }
        let parts: [JSON] = files.map { file in
            [
                "path": .string(file.path), "payload": .string(Base64.encoded(Array(file.text.utf8))),
                "payloadType": "InlineBase64",
            ]
        }
        return ["definition": ["format": .string(rawValue), "parts": .array(parts)]]
    }

    private static func modelText(_ model: Model) -> String {
        let references = model.tables.map { "ref table \(quoted($0.name))\n" }.joined()
        return "model Model\n\tculture: en-US\n\tdefaultPowerBIDataSourceVersion: powerBI_V3\n\n" + references
    }

    private static func expressionsText(_ model: Model) -> String {
        model.sharedQueries.map { "expression \($0.name) = \($0.text)\n\n" }.joined()
    }

    private static func tableText(_ table: EmulatorSeed.Table) -> String {
        var text = "table \(quoted(table.name))\n\n"
        for column in ["id", "updated_at"] { text += "\tcolumn \(column)\n\t\tsourceColumn: \(column)\n\n" }
        if table.hasRefreshPolicy {
            text += "\trefreshPolicy\n\t\tpolicyType: basic\n\t\trollingWindowGranularity: year\n"
            text += "\t\trollingWindowPeriods: 3\n\t\tincrementalGranularity: day\n\t\tincrementalPeriods: 10\n"
            text += "\t\tsourceExpression =\n" + indented(table.query, by: 4) + "\n\n"
        }
        for partition in table.partitions {
            text += "\tpartition \(quoted(partition)) = m\n\t\tmode: import\n\t\tsource =\n"
            text += indented(table.query, by: 4) + "\n\n"
        }
        return text
    }

    private static func bim(_ model: Model) -> JSON {
        let tables: [JSON] = model.tables.map { table in
            [
                "columns": [
                    ["name": "id", "sourceColumn": "id"], ["name": "updated_at", "sourceColumn": "updated_at"],
                ],
                "name": .string(table.name),
                "partitions": .array(
                    table.partitions.map { name in
                        [
                            "mode": "import", "name": .string(name),
                            "source": ["expression": .string(table.query), "type": "m"],
                        ]
                    }
                ),
            ]
        }
        let expressions: [JSON] = model.sharedQueries.map {
            ["expression": .string($0.text), "kind": "m", "name": .string($0.name)]
        }
        return [
            "compatibilityLevel": 1550,
            "model": ["culture": "en-US", "expressions": .array(expressions), "tables": .array(tables)],
        ]
    }

    private static func indented(_ text: String, by tabs: Int) -> String {
        let space = String(repeating: "\t", count: tabs)
        return text.split(separator: "\n").map { space + $0 }.joined(separator: "\n")
    }

    /// A name as TMDL writes it: in apostrophes where it has more than letters, digits and underscores.
    private static func quoted(_ name: String) -> String {
        let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        return isPlain ? name : "'\(name.replacing("'", with: "''"))'"
    }
}
