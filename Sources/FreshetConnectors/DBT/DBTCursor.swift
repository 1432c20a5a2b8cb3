private import FoundationEssentials
import FreshetCore

/// What a tick leaves to the next.
struct DBTCursor: Codable, Hashable {
    /// Of this form; a cursor of another is not read.
    private(set) var v = Self.form
    /// Of the results that were read last, where one file is read.
    var etag: String?
    /// The run that they are of, for people who read the store.
    var invocation: String?
    /// The version of each node that a run has built or a probe has read, by its name.
    private(set) var nodes: [String: String] = [:]
    /// What a view was last built from, by its name: a fingerprint of its SQL, or the run where that is not known.
    private(set) var codes: [String: String] = [:]
    /// The nodes whose tables may hold more than their versions say: something failed in the middle of the work.
    private(set) var doubtful: Set<String> = []
    /// Why the last run did not build a node wholly, by its name.
    private(set) var failures: [String: String] = [:]
    /// The tests that failed and have not passed since, by the name of the node that they are about and their id.
    private(set) var tests: [String: [String: String]] = [:]
    /// The nodes whose present version cannot be told.
    private(set) var unverified: Set<String> = []
    /// The nodes whose tables have to be looked at: built since, or never looked at.
    var pending: Set<String> = []
    /// What the version of each node was read from, where it was looked at in the database.
    var signals: [String: String] = [:]
    /// The version of each node and exposure that is made of the versions of what it reads.
    var derived: [String: String] = [:]
    /// When all probes were asked last, in milliseconds.
    var probedAt: Int64?
    /// The tag of each file of a pattern that was read, by its key.
    var files: [String: String] = [:]
    /// The tag of each file of a pattern that could not be read, by its key; such wait behind the others.
    var unreadable: [String: String] = [:]
    /// The runs that were read last, the newest at the end, where several files are read.
    private(set) var runs: [String] = []
    /// When the newest run that spoke of a node ended, in milliseconds, where several files are read.
    var spoken: [String: Int64] = [:]
    /// Of dbt's `sources.json`.
    var sourcesTag: String?
    /// Of the manifest that versions were last derived by.
    var manifestTag: String?

    private static let form = 1
    private static let mostRuns = 400

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
        case codes
        case doubtful
        case failures
        case tests
        case unverified
        case pending
        case signals
        case derived
        case probedAt
        case files
        case unreadable
        case runs
        case spoken
        case sourcesTag
        case manifestTag
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func set(_ key: CodingKeys) throws -> Set<String> {
            Set(try container.decodeIfPresent([String].self, forKey: key) ?? [])
        }
        func map(_ key: CodingKeys) throws -> [String: String] {
            try container.decodeIfPresent([String: String].self, forKey: key) ?? [:]
        }
        v = try container.decode(Int.self, forKey: .v)
        etag = try container.decodeIfPresent(String.self, forKey: .etag)
        invocation = try container.decodeIfPresent(String.self, forKey: .invocation)
        nodes = try container.decode([String: String].self, forKey: .nodes)
        codes = try map(.codes)
        doubtful = try set(.doubtful)
        failures = try map(.failures)
        tests = try container.decodeIfPresent([String: [String: String]].self, forKey: .tests) ?? [:]
        unverified = try set(.unverified)
        pending = try set(.pending)
        signals = try map(.signals)
        derived = try map(.derived)
        probedAt = try container.decodeIfPresent(Int64.self, forKey: .probedAt)
        files = try map(.files)
        unreadable = try map(.unreadable)
        runs = try container.decodeIfPresent([String].self, forKey: .runs) ?? []
        spoken = try container.decodeIfPresent([String: Int64].self, forKey: .spoken) ?? [:]
        sourcesTag = try container.decodeIfPresent(String.self, forKey: .sourcesTag)
        manifestTag = try container.decodeIfPresent(String.self, forKey: .manifestTag)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(v, forKey: .v)
        try container.encodeIfPresent(etag, forKey: .etag)
        try container.encodeIfPresent(invocation, forKey: .invocation)
        try container.encode(nodes, forKey: .nodes)
        if !codes.isEmpty { try container.encode(codes, forKey: .codes) }
        if !doubtful.isEmpty { try container.encode(doubtful.sorted(), forKey: .doubtful) }
        if !failures.isEmpty { try container.encode(failures, forKey: .failures) }
        if !tests.isEmpty { try container.encode(tests, forKey: .tests) }
        if !unverified.isEmpty { try container.encode(unverified.sorted(), forKey: .unverified) }
        if !pending.isEmpty { try container.encode(pending.sorted(), forKey: .pending) }
        if !signals.isEmpty { try container.encode(signals, forKey: .signals) }
        if !derived.isEmpty { try container.encode(derived, forKey: .derived) }
        try container.encodeIfPresent(probedAt, forKey: .probedAt)
        if !files.isEmpty { try container.encode(files, forKey: .files) }
        if !unreadable.isEmpty { try container.encode(unreadable, forKey: .unreadable) }
        if !runs.isEmpty { try container.encode(runs, forKey: .runs) }
        if !spoken.isEmpty { try container.encode(spoken, forKey: .spoken) }
        try container.encodeIfPresent(sourcesTag, forKey: .sourcesTag)
        try container.encodeIfPresent(manifestTag, forKey: .manifestTag)
    }

    /// Compact JSON, equal for equal cursors.
    var text: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and a whole number always have a notation; without a cursor the next tick starts over.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
}

// MARK: Versions

extension DBTCursor {
    /// Somebody looked at what the node holds.
    mutating func verify(_ node: String, _ version: DataVersion) {
        nodes[node] = version.fingerprint
        doubtful.remove(node)
        unverified.remove(node)
    }

    /// A run built the node.
    @discardableResult
    mutating func build(_ node: String, _ version: DataVersion) -> DataVersion {
        verify(node, version)
        failures[node] = nil
        return version
    }

    /// A run built the view from this.
    mutating func build(_ node: String, from code: String) { codes[node] = code }

    /// What the node was built from; as long as nobody said it, each build is another.
    func code(of node: String) -> String { codes[node] ?? nodes[node] ?? "" }

    /// A run left the node as it was.
    ///
    /// - Returns: the version before, or that of this run where none is known, or where an attempt may have written
    ///   before it failed.
    mutating func keep(_ node: String, or version: DataVersion) -> DataVersion {
        guard let known = nodes[node], !doubtful.contains(node) else { return build(node, version) }
        failures[node] = nil
        return DataVersion(known)
    }

    /// A run built the node, or left it as it was, and what it holds is read elsewhere.
    mutating func succeed(_ node: String) { failures[node] = nil }

    /// A run may have written to the node, or part of it.
    mutating func doubt(_ node: String) { doubtful.insert(node) }

    /// A run did not build the node wholly; `message` is free of secrets.
    mutating func fail(_ node: String, _ message: String) { failures[node] = message }

    /// Nobody can say what the node holds now.
    mutating func lose(_ node: String) { unverified.insert(node) }

    func isDoubtful(_ node: String) -> Bool { doubtful.contains(node) }

    /// The node may hold something else than its version says, and nobody knows since which of the runs.
    ///
    /// What is doubted of it stays so.
    mutating func move(_ node: String, by cause: DataVersion) {
        var hash = Fingerprint()
        hash.add(code(of: node))
        hash.add(cause.fingerprint)
        nodes[node] = nodes[node] == nil ? cause.fingerprint : "moved=\(hash.hexadecimal)"
        if codes[node] != nil { codes[node] = nodes[node] }
    }

    /// Takes note of a run.
    ///
    /// - Returns: whether it was read before, from this file or another.
    mutating func read(run: String) -> Bool {
        guard !runs.contains(run) else { return true }
        runs.append(run)
        runs.removeFirst(max(runs.count - Self.mostRuns, 0))
        return false
    }

    /// The last version of the node that is known.
    func version(of node: String) -> VersionState {
        guard !unverified.contains(node) else { return .unknown }
        return nodes[node].map { .known(DataVersion($0)) } ?? .unknown
    }
}

// MARK: Tests

extension DBTCursor {
    /// A test of the node failed; `message` is free of secrets.
    mutating func fail(test: String, of node: String, _ message: String) { tests[node, default: [:]][test] = message }

    /// - Returns: whether it had failed before.
    mutating func pass(test: String, of node: String) -> Bool {
        guard tests[node]?.removeValue(forKey: test) != nil else { return false }
        if tests[node]?.isEmpty == true { tests[node] = nil }
        return true
    }

    /// Forgets tests that are no more.
    ///
    /// - Returns: the nodes that they were about.
    mutating func forgetTests(unless isKnown: (String) -> Bool) -> Set<String> {
        var nodes: Set<String> = []
        for (node, failed) in tests {
            for test in failed.keys where !isKnown(test) {
                tests[node]?[test] = nil
                nodes.insert(node)
            }
            if tests[node]?.isEmpty == true { tests[node] = nil }
        }
        return nodes
    }

    /// What keeps the node from being used: why it was not built, or which tests of it fail.
    func complaint(about node: String) -> String? {
        if let message = failures[node] { return message }
        guard let failed = tests[node], let (_, message) = failed.min(by: { $0.key < $1.key }) else { return nil }
        return failed.count == 1 ? message : "\(failed.count) tests fail; the first: \(message)"
    }
}
