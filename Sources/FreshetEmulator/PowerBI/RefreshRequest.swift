/// What a refresh was asked to do.
struct RefreshRequest: Codable, Hashable, Sendable {
    /// The two protocols behind one route; the body decides which (facts §1.1).
    enum Kind: String, Codable, Sendable {
        case standard, enhanced
    }

    struct Target: Codable, Hashable, Sendable {
        var table: String
        var partition: String?
    }

    /// Why a body is refused before anything starts.
    struct Malformed: Error, Hashable {
        var message: String
    }

    var kind = Kind.standard
    /// As the service echoes it, for example `Full`.
    var type = "Automatic"
    var commitMode = "Transactional"
    var maxParallelism = 10
    var retryCount = 0
    /// Empty means the whole model.
    var targets: [Target] = []
    var appliesRefreshPolicy = true
    var notifyOption: String?
    /// Seconds an attempt may take, when the caller said so.
    var timeout: Double?

    init() {}

    /// Reads a body; an empty one is a standard refresh.
    ///
    /// Unknown members are ignored, as the service does: a body wrapped in `{"refresh": …}` refreshes the whole model
    /// (samaguire/PowerBINotebooks#16).
    init(body: [UInt8]) throws(Malformed) {
        guard !body.isEmpty else { return }
        guard let members = JSON(bytes: body)?.members else {
            throw Malformed(message: "The request body is not a JSON object")
        }
        for (name, value) in members where value != .null {
            guard let field = Field(rawValue: name.lowercased()) else { continue }
            kind = field == .notifyOption ? kind : .enhanced
            try read(field, value)
        }
    }

    /// What a strict service would find wrong with the notify option; both rules are reported, neither is always kept.
    var notifyOptionFlaw: String? {
        guard let notifyOption else { return nil }
        if kind == .enhanced { return "notifyOption cannot be combined with other parameters" }
        return notifyOption == "NoNotification" ? nil : "notifyOption is not supported for service principals"
    }

    private enum Field: String {
        case applyRefreshPolicy = "applyrefreshpolicy"
        case commitMode = "commitmode"
        case effectiveDate = "effectivedate"
        case maxParallelism = "maxparallelism"
        case notifyOption = "notifyoption"
        case objects
        case retryCount = "retrycount"
        case timeout
        case type
    }

    private static let types = ["Automatic", "Calculate", "ClearValues", "DataOnly", "Defragment", "Full"]
    private static let commitModes = ["PartialBatch", "Transactional"]

    private mutating func read(_ field: Field, _ value: JSON) throws(Malformed) {
        switch field {
        case .applyRefreshPolicy: appliesRefreshPolicy = try RefreshRequest.known(value.lenientBool, field, value)
        case .commitMode: commitMode = try RefreshRequest.choice(value, of: RefreshRequest.commitModes, field)
        case .notifyOption: notifyOption = try RefreshRequest.known(value.string, field, value)
        case .effectiveDate: _ = try RefreshRequest.known(value.string, field, value)
        case .maxParallelism: maxParallelism = try RefreshRequest.count(value, field, in: 1...1_000)
        case .objects: targets = try RefreshRequest.targets(value)
        case .retryCount: retryCount = try RefreshRequest.count(value, field, in: 0...1_000)
        case .timeout: timeout = try RefreshRequest.known(RefreshRequest.duration(value), field, value)
        case .type: type = try RefreshRequest.choice(value, of: RefreshRequest.types, field)
        }
    }

    private static func known<Value>(_ value: Value?, _ field: Field, _ json: JSON) throws(Malformed) -> Value {
        guard let value else { throw Malformed(message: "Invalid value \(json.text) for \(field)") }
        return value
    }

    private static func count(
        _ value: JSON,
        _ field: Field,
        in bounds: ClosedRange<Int>
    ) throws(Malformed) -> Int {
        min(max(try known(value.lenientInt, field, value), bounds.lowerBound), bounds.upperBound)
    }

    private static func choice(_ value: JSON, of names: [String], _ field: Field) throws(Malformed) -> String {
        let found = names.first { $0.lowercased() == value.string?.lowercased() }
        return try known(found, field, value)
    }

    private static func targets(_ value: JSON) throws(Malformed) -> [Target] {
        var targets: [Target] = []
        for element in try known(value.elements, .objects, value) {
            guard let table = element["table"]?.string else {
                throw Malformed(message: "Each of objects must name a table")
            }
            targets.append(Target(table: table, partition: element["partition"]?.string))
        }
        return targets
    }

    /// Seconds of `HH:MM:SS`.
    private static func duration(_ value: JSON) -> Double? {
        let parts = value.string?.split(separator: ":").map { Int($0) } ?? []
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2] else { return nil }
        return Double(hours) * 3_600 + Double(minutes) * 60 + Double(seconds)
    }
}
