/// One Azure Key Vault: secrets, with every version of each.
struct KeyVault: Codable, Sendable {
    struct Version: Codable, Sendable {
        var id: String
        var value: String
        var contentType: String?
        var isEnabled = true
        var created: Instant
    }

    /// By name in lower case, as names do not differ in case; oldest version first.
    private var secrets: [String: [Version]] = [:]

    init(_ values: [String: String], at now: Instant, from identifiers: inout Identifiers) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            add(Version(id: KeyVault.newID(&identifiers), value: value, created: now), to: name)
        }
    }

    /// The named version, or without a name the newest; nil when there is none.
    func version(_ id: String?, of name: String) -> Version? {
        let versions = secrets[name.lowercased()] ?? []
        guard let id else { return versions.last }
        return versions.first { $0.id == id.lowercased() }
    }

    mutating func add(_ version: Version, to name: String) { secrets[name.lowercased(), default: []].append(version) }

    /// 32 hexadecimal digits.
    static func newID(_ identifiers: inout Identifiers) -> String { identifiers.guid().replacing("-", with: "") }
}
