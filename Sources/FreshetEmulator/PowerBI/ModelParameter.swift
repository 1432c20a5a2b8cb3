/// A parameter of a model's queries (facts §2.4).
struct ModelParameter: Codable, Hashable, Sendable {
    var name: String
    /// `Text`, `DateTime`, `Number` and others.
    var type: String
    var value: String

    var entry: JSON {
        ["currentValue": .string(value), "isRequired": true, "name": .string(name), "type": .string(type)]
    }
}

extension Model {
    /// Those of the warehouse's address, and the range where a table filters by it.
    var parameters: [ModelParameter] {
        let range = [
            ModelParameter(name: "RangeStart", type: "DateTime", value: "1/1/2020 12:00:00 AM"),
            ModelParameter(name: "RangeEnd", type: "DateTime", value: "1/1/2021 12:00:00 AM"),
        ]
        return [ModelParameter(name: "Server", type: "Text", value: "warehouse.example.com")]
            + (tables.contains(where: \.filtersRange) ? range : [])
    }

    /// Makes the caller the owner.
    ///
    /// What was stored to log in to cloud sources is gone then (facts §2.3).
    mutating func takeOver(by client: String) {
        settings.isOwned = true
        settings.hasCredentials = false
        configuredBy = client
    }
}
