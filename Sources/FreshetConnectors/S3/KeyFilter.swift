private import FreshetCore
internal import FreshetKit
private import Synchronization

/// Which keys of a listing count.
struct KeyFilter: Sendable {
    private enum Rule {
        case all
        case glob(Glob, String)
        case regex(CompiledRegex, String)
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
                rule = .regex(try CompiledRegex(pattern), pattern)
            } catch {
                throw Diagnostic(
                    "'\(pattern)' is not a regular expression",
                    at: settings.origin(of: "regex"),
                    hint: "escape what is meant literally with a backslash"
                )
            }
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
        case .regex(_, let pattern): " matching /\(pattern)/"
        }
    }

    /// The entries that count, without the empty objects by which some tools draw folders.
    func select(_ entries: [ArtifactEntry]) async -> [ArtifactEntry] {
        await matching { matches in
            entries.filter { !($0.size == 0 && $0.key.hasSuffix("/")) && matches($0.key) }
        }
    }

    func admits(_ key: String) async -> Bool {
        switch rule {
        case .all: true
        case .glob(let glob, _): glob.matches(key)
        case .regex: await matching { matches in matches(key) }
        }
    }

    /// An unwise expression may take its time; nobody else is to wait for it.
    private func matching<Value: Sendable>(
        _ work: @escaping @Sendable ((String) -> Bool) -> Value
    ) async -> Value {
        await offPool { [rule] () throws(Never) in
            switch rule {
            case .all: work { _ in true }
            case .glob(let glob, _): work { glob.matches($0) }
            case .regex(let regex, _): work { regex.matches($0) }
            }
        }
    }
}

/// An expression that was read once, and matches one key at a time: `Regex` is not made for several tasks.
private final class CompiledRegex: Sendable {
    private let regex: Mutex<Regex<AnyRegexOutput>>

    init(_ pattern: String) throws { regex = Mutex(try Regex(pattern)) }

    func matches(_ key: String) -> Bool {
        // It throws only from code of ours in the expression, of which there is none.
        regex.withLock { (try? $0.wholeMatch(in: key)) ?? nil != nil }
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
