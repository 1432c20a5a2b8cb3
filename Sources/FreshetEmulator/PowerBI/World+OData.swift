/// The forms that all lists and resources of the API have (facts §0.8).
extension World {
    static func context(_ kind: String, _ call: Call) -> String {
        "\(call.origin)/v1.0/myorg/$metadata#\(kind)"
    }

    /// The first entries, as many as `$top` says.
    static func top(_ entries: [JSON], _ call: Call) throws(PowerBIRefusal) -> [JSON] {
        guard let top = call.queryValue("$top") else { return entries }
        guard let count = Int(top), count >= 1 else { throw .topOutOfRange }
        return Array(entries.prefix(count))
    }

    static func list(_ entries: [JSON], _ kind: String, _ call: Call) -> Reply {
        Reply(
            200,
            json: ["@odata.context": .string(context(kind, call)), "value": .array(entries)]
        )
    }

    /// One resource; it carries its context as a list does (facts §0.8).
    static func single(_ members: [String: JSON], _ kind: String, _ call: Call) -> Reply {
        var members = members
        members["@odata.context"] = .string(context("\(kind)/$entity", call))
        return Reply(200, json: .object(members))
    }

    /// The entries that `$filter`, `$skip` and `$top` ask for, in that order.
    static func page(_ entries: [JSON], _ call: Call) throws(PowerBIRefusal) -> [JSON] {
        var entries = entries
        if let text = call.queryValue("$filter") {
            guard let filter = ODataFilter(text) else { throw .invalid("The $filter '\(text)' is not understood") }
            entries = entries.filter(filter.admits)
        }
        if let skip = call.queryValue("$skip") {
            guard let count = Int(skip), count >= 0 else { throw .invalid("The value of '$skip' must be a number") }
            entries = Array(entries.dropFirst(count))
        }
        return try top(entries, call)
    }
}
