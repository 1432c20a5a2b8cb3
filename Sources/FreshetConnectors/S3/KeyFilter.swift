private import FreshetCore
internal import FreshetKit

/// Which keys of a listing count.
struct KeyFilter: Sendable {
    private enum Rule {
        case all
        case glob(Glob, String)
        case regex(String)
    }
    private let rule: Rule

    init(from settings: Settings) throws(Diagnostic) {
        let (glob, regex) = (try settings.text("glob"), try settings.text("regex"))
        switch (glob, regex) {
        case (nil, nil): rule = .all
        case (let pattern?, nil):
            guard let glob = Glob(pattern) else {
                throw Diagnostic(
                    "'\(pattern)' is not a glob",
                    at: settings.origin(of: "glob"),
                    hint: "close every '[' and '{'"
                )
            }
            rule = .glob(glob, pattern)
        case (nil, let pattern?):
            do {
                _ = try Regex(pattern)
            } catch {
                throw Diagnostic(
                    "'\(pattern)' is not a regular expression",
                    at: settings.origin(of: "regex"),
                    hint: "escape what is meant literally with a backslash"
                )
            }
            rule = .regex(pattern)
        case (_?, _?):
            throw Diagnostic("'glob' and 'regex' are stated both", at: settings.origin(of: "regex"), hint: "keep one")
        }
    }

    /// What every key that counts begins with.
    var prefix: String { if case .glob(let glob, _) = rule { glob.prefix } else { "" } }

    /// As it is appended to a prefix in evidence.
    var description: String {
        switch rule {
        case .all: ""
        case .glob(_, let pattern): " matching \(pattern)"
        case .regex(let pattern): " matching /\(pattern)/"
        }
    }

    /// The entries that count, without the empty objects by which some tools draw folders.
    ///
    /// - Throws: nothing that ``init(from:)`` has not ruled out.
    func select(_ entries: [ArtifactEntry]) async throws -> [ArtifactEntry] {
        // An unwise expression may take its time; nobody else is to wait for it.
        try await offPool { () throws(any Error) in
            let admits = try matcher()
            return entries.filter { !($0.size == 0 && $0.key.hasSuffix("/")) && admits($0.key) }
        }
    }

    func admits(_ key: String) -> Bool {
        // The expression was read once before: this cannot fail.
        (try? matcher()(key)) ?? true
    }

    private func matcher() throws -> (String) -> Bool {
        switch rule {
        case .all: return { _ in true }
        case .glob(let glob, _): return { glob.matches($0) }
        case .regex(let pattern):
            let regex = try Regex(pattern)
            return { key in (try? regex.wholeMatch(in: key)) ?? nil != nil }  // It throws only from code of ours in it.
        }
    }
}

extension Hint {
    /// The key of the object that it is about, if that lies behind the connection of this name.
    func key(behind connection: String, in context: ProbeContext) async -> String? {
        switch subject {
        case .asset: return nil
        case .thing(let name, let key): return name == connection ? key : nil
        case .object(let bucket, let key):
            guard let store = context.connections[connection] as? S3Connection else { return nil }
            // A name that cannot be resolved is told by the look that this leads to.
            guard let own = try? await store.bucketName() else { return key }
            return own == bucket ? key : nil
        }
    }
}
