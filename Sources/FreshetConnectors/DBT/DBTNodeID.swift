/// A node's unique id in dbt, taken apart: `model.retail.orders`, `model.retail.orders.v2`, `source.retail.shop.orders`.
///
/// - SeeAlso: docs.getdbt.com, "Manifest JSON file", `unique_id`.
struct DBTNodeID {
    /// The kinds of nodes that are assets; analyses, operations, unit tests and the like are not.
    enum ResourceType: String {
        case exposure
        case model
        case seed
        case snapshot
        case source
        case test

        /// Whether dbt builds it, and so reports on it.
        var isBuilt: Bool { self == .model || self == .seed || self == .snapshot }
    }

    let text: String
    let type: ResourceType
    let package: String
    /// With the version of a versioned model (`orders.v2`) and the name of a source's group (`shop.orders`).
    let name: String

    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[2].isEmpty, let type = ResourceType(rawValue: String(parts[0])) else {
            return nil
        }
        self.text = text
        self.type = type
        package = String(parts[1])
        name = String(parts[2])
    }

    /// The shortest forms first; a generic test's name ends in a hash that people can do without.
    var forms: [String] {
        let whole = [name, "\(package).\(name)", text]
        guard type == .test, let dot = name.lastIndex(of: ".") else { return whole }
        return [String(name[..<dot])] + whole
    }
}

/// The name of each node within its project: the shortest form that no other node has.
struct DBTNames {
    private(set) var byID: [String: String] = [:]

    /// - Parameters:
    ///   - ids: each once.
    ///   - taken: names that are given already.
    init(_ ids: [DBTNodeID], taken: Set<String> = []) {
        var pending = ids.map { (id: $0, form: 0) }
        while true {
            var counts: [String: Int] = [:]
            for (id, form) in pending { counts[id.forms[form], default: 0] += 1 }
            var isSettled = true
            for index in pending.indices {
                let (id, form) = pending[index]
                let name = id.forms[form]
                guard counts[name] != 1 || taken.contains(name), form < id.forms.count - 1 else { continue }
                pending[index].form += 1
                isSettled = false
            }
            if isSettled { break }
        }
        for (id, form) in pending { byID[id.text] = id.forms[form] }
    }
}
