internal import FreshetCore
internal import FreshetKit

/// One thing that a plugin's program is run for.
struct PluginOperation: Sendable {
    enum Word: String, Sendable {
        case materialize
        case observe
        case check
        /// Tells which assets a sensor sees.
        case discover
        case tick
    }

    var word: Word
    var entry: PluginEntry
    var settings: Settings
    /// `nil` for a sensor.
    var asset: AssetKey?
    var run = ""
    /// 0 for the first.
    var retry = 0
    var previous: Materialization?
    var codeVersion = ""
    var cursor: String?
    /// What else it is told.
    var extras: [String: JSONValue] = [:]
    var deadline: Timestamp?

    /// The context that the guest reads: all ten members are there, those without a value as null.
    func context(root: String) -> JSONValue {
        var extras = entry.values(settings, root: root).merging(self.extras) { own, _ in own }
        extras["freshet_operation"] = .text(word.rawValue)
        extras["freshet_kind"] = .text(entry.kind)
        extras["freshet_root"] = .text(root)
        extras["freshet_cursor"] = cursor.map { .text($0) } ?? .null
        let key = asset.map(PipesKey.text)
        func byKey(_ value: JSONValue) -> JSONValue { key.map { .object([$0: value]) } ?? .null }
        return [
            "asset_keys": key.map { .list([.text($0)]) } ?? .null,
            "code_version_by_asset_key": byKey(codeVersion.isEmpty ? .null : .text(codeVersion)),
            "provenance_by_asset_key": byKey(provenance),
            "partition_key": .null,
            "partition_key_range": .null,
            "partition_time_window": .null,
            "run_id": .text(run),
            "job_name": .text("freshet"),
            "retry_number": .integer(Int64(retry)),
            "extras": .object(extras),
        ]
    }

    private var provenance: JSONValue {
        guard let previous else { return .null }
        var versions: [String: JSONValue] = [:]
        for (input, version) in previous.provenance.inputs {
            versions[PipesKey.text(of: input.key)] = .text(version.fingerprint)
        }
        return [
            "code_version": .text(previous.provenance.codeVersion),
            "input_data_versions": .object(versions),
            "is_user_provided": false,
        ]
    }
}

/// Why a plugin's program did not come to an end that can be judged.
enum PluginTrouble: Error, Sendable, CustomStringConvertible {
    case cannotRun(ProcessError)
    case secret(name: String, SecretError)
    case files(String)
    case permission(String)

    var description: String {
        switch self {
        case .cannotRun(let error): "\(error)"
        case .secret(let name, let error): "its secret \(name) cannot be read: \(error)"
        case .files(let reason): "its files cannot be made: \(reason)"
        case .permission(let reason): reason
        }
    }

    var code: FailureCode {
        switch self {
        case .secret: .credentials
        case .cannotRun(.cannotStart), .cannotRun(.unavailable), .permission: .configuration
        // The system may have ended the keeper, for want of memory above all.
        case .cannotRun(.lost): .remoteFailed
        case .files: .internalError
        }
    }

    /// Whether only a person can mend it.
    var isForPeople: Bool {
        switch self {
        case .cannotRun(.cannotStart), .cannotRun(.unavailable), .permission: true
        case .secret(_, let error): !error.isTransient
        case .cannotRun(.lost), .files: false
        }
    }
}

/// What a program did and said.
struct PluginResult: Sendable {
    var report: PipesReport
    var exit: ProcessExit
    /// The last lines of its standard error.
    var lastErrors: [String]
    /// Why not everything that it reported is known; `nil` when everything is.
    var trouble: Trouble?

    enum Trouble: Sendable {
        /// It reported more than its limit, and was stopped for it.
        case overMessages
        /// It put something else in the place of its messages file, and was stopped for it.
        case replaced
        /// Its time was over before everything was read.
        case unread
    }
}
