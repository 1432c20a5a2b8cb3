extension EmulatorSeed.Table {
    /// The table's query in M, as the scanner and the definition show it.
    var query: String {
        if let source { return source }
        var steps = [
            "Source = PostgreSQL.Database(Server, \"analytics\")",
            "Data = Source{[Schema=\"analytics\",Item=\"\(name)\"]}[Data]",
        ]
        if filtersRange {
            steps.append("Range = Table.SelectRows(Data, each [updated_at] >= RangeStart and [updated_at] < RangeEnd)")
        }
        let last = filtersRange ? "Range" : "Data"
        return "let\n    " + steps.joined(separator: ",\n    ") + "\nin\n    " + last
    }
}

extension Model {
    /// The queries that tables share: the parameters, in the form Power BI Desktop writes them.
    var sharedQueries: [(name: String, text: String)] {
        parameters.map { parameter in
            let value =
                parameter.type == "DateTime"
                ? "#datetime(\(parameter.name == "RangeStart" ? 2020 : 2021), 1, 1, 0, 0, 0)" : "\"\(parameter.value)\""
            let meta = "[IsParameterQuery=true, Type=\"\(parameter.type)\", IsParameterQueryRequired=true]"
            return (parameter.name, "\(value) meta \(meta)")
        }
    }
}
