import FreshetCore
import FreshetKit

/// What a client of the stream wants to hear of.
struct Topics: Sendable {
    private enum Topic: Hashable {
        case board
        case runs
        case run(RunID)
        case log(RunID)
        case asset(AssetKey)
        case sensors
        case config
        case everything
    }

    private let topics: Set<Topic>

    /// - Parameter text: names separated by commas; `nil` for everything but logs.
    init(_ text: String?) throws(Problem) {
        guard let text, !text.isEmpty else {
            topics = [.everything]
            return
        }
        var found: Set<Topic> = []
        for name in text.split(separator: ",") {
            let halves = name.split(separator: ":", maxSplits: 1).map(String.init)
            switch (halves.first, halves.count > 1 ? halves[1] : nil) {
            case ("board", nil): found.insert(.board)
            case ("runs", nil): found.insert(.runs)
            case ("sensors", nil): found.insert(.sensors)
            case ("config", nil): found.insert(.config)
            case ("run", let id?): found.insert(.run(id))
            case ("log", let id?): found.insert(.log(id))
            case ("asset", let key?): found.insert(.asset(AssetKey(key)))
            default:
                throw .bad(
                    "topics",
                    "knows board, runs, run:<id>, log:<id>, asset:<key>, sensors, config, not '\(name)'"
                )
            }
        }
        topics = found
    }

    func include(_ change: ChangeRecord) -> Bool {
        topics.contains { topic in
            switch topic {
            case .everything: change.kind != .log
            case .board:
                switch change.kind {
                case .run, .step, .decision, .pause, .config, .observation, .operation, .trigger: true
                case .tick: change.word == "failed"
                case .subStep, .log: false
                }
            case .runs: change.kind == .run || change.kind == .trigger
            case .run(let id): change.run == id && change.kind != .log
            case .log(let id): change.run == id && (change.kind == .log || change.kind == .run)
            case .asset(let key):
                switch change.kind {
                case .step, .subStep, .decision, .observation: change.subject == key.path
                case .pause: change.subject.isEmpty || change.subject == key.path
                case .config, .run: true
                case .log, .operation, .tick, .trigger: false
                }
            case .sensors: change.kind == .tick || change.kind == .pause || change.kind == .config
            case .config: change.kind == .config
            }
        }
    }
}
