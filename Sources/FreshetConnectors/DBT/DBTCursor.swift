private import FoundationEssentials
import FreshetCore

/// What a tick leaves to the next.
struct DBTCursor: Codable, Hashable {
    /// Of this form; a cursor of another is not read.
    private(set) var v = Self.form
    /// Of the results that were read last.
    var etag: String?
    /// The run that they are of, for people who read the store.
    var invocation: String?
    /// The version of each node that a run has built, by its name.
    private(set) var nodes: [String: String] = [:]
    /// The nodes whose tables may hold more than their versions say: something failed in the middle of the work.
    private(set) var doubtful: Set<String> = []

    private static let form = 1

    init() {}

    /// Starts over when the text is not a cursor of this form.
    init(parsing text: String?) {
        // Whatever is wrong with it, the file is read once more, and nothing is lost but versions.
        guard let text, let cursor = try? JSONDecoder().decode(DBTCursor.self, from: Data(text.utf8)),
            cursor.v == Self.form
        else {
            self.init()
            return
        }
        self = cursor
    }

    private enum CodingKeys: String, CodingKey {
        case v
        case etag
        case invocation
        case nodes
        case doubtful
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        v = try container.decode(Int.self, forKey: .v)
        etag = try container.decodeIfPresent(String.self, forKey: .etag)
        invocation = try container.decodeIfPresent(String.self, forKey: .invocation)
        nodes = try container.decode([String: String].self, forKey: .nodes)
        doubtful = Set(try container.decodeIfPresent([String].self, forKey: .doubtful) ?? [])
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(v, forKey: .v)
        try container.encodeIfPresent(etag, forKey: .etag)
        try container.encodeIfPresent(invocation, forKey: .invocation)
        try container.encode(nodes, forKey: .nodes)
        if !doubtful.isEmpty { try container.encode(doubtful.sorted(), forKey: .doubtful) }
    }

    /// A run built the node.
    mutating func build(_ node: String, _ version: DataVersion) -> DataVersion {
        nodes[node] = version.fingerprint
        doubtful.remove(node)
        return version
    }

    /// A run left the node as it was.
    ///
    /// - Returns: the version before, or that of this run where none is known, or where an attempt may have written
    ///   before it failed.
    mutating func keep(_ node: String, or version: DataVersion) -> DataVersion {
        guard let known = nodes[node], !doubtful.contains(node) else { return build(node, version) }
        return DataVersion(known)
    }

    /// A run may have written to the node, or part of it.
    mutating func doubt(_ node: String) { doubtful.insert(node) }

    /// The last version of the node that is known.
    func version(of node: String) -> VersionState { nodes[node].map { .known(DataVersion($0)) } ?? .unknown }

    /// Compact JSON, equal for equal cursors.
    var text: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and a whole number always have a notation; without a cursor the next tick starts over.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
}
