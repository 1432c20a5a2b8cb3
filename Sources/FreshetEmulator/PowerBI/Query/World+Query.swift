extension World {
    /// `POST …/executeQueries` (facts §2.7).
    mutating func executeQueries(
        at place: PowerBI.Place,
        _ call: Call,
        at now: Instant
    ) throws(PowerBIRefusal) -> Reply {
        try powerBI.countQuery(at: now)
        let model = powerBI[place]
        // A caller who may read but not build is told that the model does not exist.
        guard model.settings.hasBuild else { throw .entityNotFound("Dataset \(model.id) is not found") }
        let body = JSON(bytes: call.body)
        guard let queries = body?["queries"]?.elements, queries.count == 1, let text = queries[0]["query"]?.string
        else {
            throw .invalid("The request must have exactly one query")
        }
        guard let query = RowQuery(text) else { throw .queryFailed }
        let includesNulls = body?["serializerSettings"]?["includeNulls"]?.lenientBool ?? false
        var result = try model.rows(of: query.shapes[0], includingNulls: includesNulls)
        if query.shapes.count > 1 { result.error = "More than one result table in a query" }
        var members: [String: JSON] = ["tables": [["rows": .array(result.rows)]]]
        if let error = result.error {
            members["error"] = ["code": "DatasetExecuteQueriesError", "message": .string(error)]
        }
        return Reply(200, json: ["results": [.object(members)]])
    }
}

extension PowerBI {
    /// Counts a query against the limit of a user, whatever the model.
    mutating func countQuery(at now: Instant) throws(PowerBIRefusal) {
        queryTimes.removeAll { now - $0 >= 60 }
        guard queryTimes.count < queriesPerMinute else {
            let wait = queryTimes.first.map { 60 - (now - $0) } ?? 60
            throw .tooManyRequests(retryAfter: max(1, Int(wait.rounded(.up))))
        }
        queryTimes.append(now)
    }
}

extension Model {
    /// What a query gives: some rows, and why they are not all.
    fileprivate func rows(
        of shape: RowQuery.Shape,
        includingNulls: Bool
    ) throws(PowerBIRefusal) -> (rows: [JSON], error: String?) {
        var rows: [JSON]
        var total: Int
        switch shape {
        case .row(let counts):
            var row: [String: JSON] = [:]
            for count in counts {
                let number = try table(called: count.table).rows
                if let addend = count.addend {
                    row["[\(count.column)]"] = .int(number + addend)
                } else if number > 0 {
                    row["[\(count.column)]"] = .int(number)
                } else if includingNulls {
                    // Counting an empty table gives BLANK, which JSON shows as null or not at all.
                    row["[\(count.column)]"] = .null
                }
            }
            (rows, total) = ([.object(row)], 1)
        case .table(let name):
            let table = try table(called: name)
            total = table.rows
            rows = (0..<min(total, settings.queryRowLimit)).map { ["\(table.name)[Row]": .int($0 + 1)] }
        }
        let limit = settings.queryRowLimit
        guard total > limit else { return (rows, nil) }
        return (Array(rows.prefix(limit)), "More than \(limit) rows in a query result")
    }

    /// DAX minds no case in the names of tables.
    private func table(called name: String) throws(PowerBIRefusal) -> EmulatorSeed.Table {
        guard let table = tables.first(where: { $0.name.lowercased() == name.lowercased() }) else { throw .queryFailed }
        return table
    }
}
