internal import FreshetCore
internal import FreshetKit

/// Asking a model itself.
///
/// - SeeAlso: Power BI REST API, *Datasets - Execute Queries In Group*.
extension PowerBIClient {
    /// The rows of each table, in one query; a table that the answer does not name is left out.
    ///
    /// The service answers 200 with an error inside when it cut the result short: that is no answer.
    func rowCounts(of tables: [String], in model: ModelAddress) async -> RemoteReply<[String: Int64]> {
        let body: JSONValue = [
            "queries": [["query": .text(Self.countQuery(tables))]], "serializerSettings": ["includeNulls": true],
        ]
        return await call("POST", "\(model.path)/executeQueries", body: body.serialized()) { response in
            guard let root = WireObject(parsing: response.body), root["error"] == nil,
                let result = root.objects("results")?.first, result["error"] == nil,
                let table = result.objects("tables")?.first, table["error"] == nil,
                let rows = table.objects("rows"), rows.count == 1
            else { return nil }
            var counts: [String: Int64] = [:]
            for (index, name) in tables.enumerated() {
                counts[name] = rows[0].integer("[t\(index)]").map { Int64($0) }
            }
            return counts
        }
    }

    /// A hash of what every column of a model holds: its least and greatest value, how many there are, and the longest.
    ///
    /// It misses changes that leave all of that as it is, such as two values that trade places.
    ///
    /// - SeeAlso: DAX reference, *COLUMNSTATISTICS*.
    func columnStatistics(of model: ModelAddress) async -> RemoteReply<String> {
        let body: JSONValue = [
            "queries": [["query": "EVALUATE COLUMNSTATISTICS()"]], "serializerSettings": ["includeNulls": true],
        ]
        return await call("POST", "\(model.path)/executeQueries", body: body.serialized()) { response in
            guard let root = WireObject(parsing: response.body), root["error"] == nil,
                let result = root.objects("results")?.first, result["error"] == nil,
                let table = result.objects("tables")?.first, table["error"] == nil, table.objects("rows") != nil
            else { return nil }
            var hash = Fingerprint()
            hash.add(String(decoding: response.body, as: UTF8.self))
            return hash.hexadecimal
        }
    }

    /// Without `+ 0` an empty table counts as blank, and a blank is left out of the answer.
    static func countQuery(_ tables: [String]) -> String {
        let columns = tables.enumerated().map { index, table in
            "\"t\(index)\", COUNTROWS('\(table.replacing("'", with: "''"))') + 0"
        }
        return "EVALUATE ROW(\(columns.joined(separator: ", ")))"
    }
}
