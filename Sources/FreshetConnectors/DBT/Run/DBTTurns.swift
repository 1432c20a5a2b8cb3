import FreshetCore
import FreshetKit
private import Glibc
private import Synchronization

/// Lets one dbt at a time work in a project's folder: two would overwrite each other's `target`.
final class DBTTurns: Sendable {
    /// Those of this process: connections may share a folder.
    static let ofProcess = DBTTurns()

    /// Whose turn it is.
    struct Turn: Sendable {
        fileprivate var folder: String
        fileprivate var gate: StopSignal
    }

    // By folder, in the order in which they came: the first is at work, the others wait for their gates to be raised.
    private let gates = Mutex<[String: [StopSignal]]>([:])

    /// Waits until nobody else is at work in the folder; `isWaiting` is called once, if there is somebody.
    ///
    /// - Returns: what ``end(_:)`` has to be given; `nil` where `stop` was raised or the task cancelled before.
    func begin(_ folder: String, stop: StopSignal, isWaiting: () async -> Void) async -> Turn? {
        let turn = Turn(folder: await Self.canonical(folder), gate: StopSignal())
        let isFirst = gates.withLock { gates in
            gates[turn.folder, default: []].append(turn.gate)
            return gates[turn.folder]?.count == 1
        }
        if isFirst { return turn }
        await isWaiting()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await turn.gate.raised() }
            group.addTask { await stop.raised() }
            await group.next()
            group.cancelAll()
        }
        guard turn.gate.reason != nil, stop.reason == nil, !Task.isCancelled else {
            end(turn)
            return nil
        }
        return turn
    }

    /// Lets the next one begin.
    func end(_ turn: Turn) {
        let next = gates.withLock { gates -> StopSignal? in
            guard var waiting = gates[turn.folder], let index = waiting.firstIndex(where: { $0 === turn.gate }) else {
                return nil
            }
            waiting.remove(at: index)
            gates[turn.folder] = waiting.isEmpty ? nil : waiting
            return index == 0 ? waiting.first : nil
        }
        // The word does not matter: whoever waits is told by the signal alone.
        next?.raise(.cancelled)
    }

    /// The same for every way to write the folder.
    private static func canonical(_ folder: String) async -> String {
        await offPool {
            guard let path = realpath(folder, nil) else { return folder }
            defer { free(path) }
            return String(cString: path)
        }
    }
}
