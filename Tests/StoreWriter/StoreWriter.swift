import FreshetCore
import FreshetKit
import FreshetSQLite
import Glibc

/// A process of its own that tests kill, or run as another user.
///
///     StoreWriter write PATH        begins runs without end, and prints the id of each that is durable
///     StoreWriter read PATH USER    reads as that user, and prints how it ended
///     StoreWriter measure PATH      prints how long each 10,000 step events took
@main
struct StoreWriter {
    static func main() async throws {
        switch CommandLine.arguments.dropFirst() {
        case let words where words.first == "write" && words.count == 2: try await write(words[2])
        case let words where words.first == "read" && words.count == 3: try await read(words[2], as: words[3])
        case let words where words.first == "measure" && words.count == 2: try await measure(words[2])
        default: exit(64)
        }
    }

    private static func write(_ path: String) async throws {
        let store = try await SQLiteStore.open(path: path, mode: .writer)
        let epoch = try await store.claim(owner: "pid \(getpid())", at: Timestamp(milliseconds: 0))
        let writer = Writer(epoch: epoch, actor: .engine)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    for index in 0... {
                        let id = "\(epoch.number)-\(lane)-\(index)"
                        try await store.begin(run(id, ["a"]), answering: [], by: writer)
                        say(id)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// One system call, so that a line is never written halfway.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(1, bytes, bytes.count)
    }

    private static func read(_ path: String, as user: String) async throws {
        guard let id = UInt32(user), seteuid(id) == 0 else { exit(77) }
        do throws(StoreError) {
            let store = try await SQLiteStore.open(path: path, mode: .reader)
            let runs = try await store.runs(RunQuery())
            say("read \(runs.count) runs")
            await store.close()
        } catch {
            say("\(error)")
        }
    }

    private static func measure(_ path: String) async throws {
        let store = try await SQLiteStore.open(path: path, mode: .writer)
        let epoch = try await store.claim(owner: "pid \(getpid())", at: Timestamp(milliseconds: 0))
        let writer = Writer(epoch: epoch, actor: .engine)
        let assets = (0..<100_000).map { AssetKey("folder/asset_\($0)") }
        let clock = ContinuousClock()
        say("begin: \(try await clock.measure { try await store.begin(run("r", assets), answering: [], by: writer) })")
        for block in 0..<10 {
            let time = try await clock.measure {
                for batch in 0..<100 {
                    let first = block * 10_000 + batch * 100
                    let events = assets[first..<first + 100].map { asset in
                        RunEvent.step(StepRecord(run: "r", asset: asset, status: .succeeded, attempt: 1))
                    }
                    try await store.append(events, by: writer)
                }
            }
            say("block \(block): \(time)")
        }
        say("snapshot: \(try await clock.measure { _ = try await store.snapshot() })")
        await store.close()
    }

    private static func run(_ id: RunID, _ assets: [AssetKey]) -> RunRecord {
        RunRecord(
            id: id,
            trigger: .manual,
            actor: .engine,
            selected: assets,
            inputs: [:],
            configVersion: "c",
            graphHash: "g",
            createdAt: Timestamp(milliseconds: 0)
        )
    }
}
