internal import FreshetCore
public import FreshetKit
import Logging

extension Engine {
    /// Has everything looked at that hints are about, as soon as may be, and does not wait for it.
    ///
    /// Hints change nothing by themselves: whatever follows, follows from what the looks see.
    ///
    /// - Returns: the sensors that will look, by name; empty when nobody looks at what the hints are about.
    @discardableResult
    public func take(_ hints: [Hint]) async -> [String] {
        let sensors = await concerned(by: hints)
        _ = await promiseLooks(of: sensors)
        return sensors.map(\.name)
    }

    /// Marks sensors as hinted at and wakes them.
    ///
    /// - Returns: for each what tells when its look is committed.
    func promiseLooks(of sensors: [SensorSpec]) async -> [HintBoard.Promise] {
        guard !sensors.isEmpty else { return [] }
        let number = await exclusively {
            world.hint(at: Set(sensors.compactMap(\.asset)))
            return world.hintNumber
        }
        let promises = sensors.map { hints.promise(of: $0.name, after: number) }
        for sensor in sensors { hints.bell(for: sensor.name).ring() }
        return promises
    }

    /// The sensors that see what the hints are about, each once, by name.
    nonisolated func concerned(by hints: [Hint]) async -> [SensorSpec] {
        let context = ProbeContext(
            connections: connections,
            surroundings: surroundings,
            deadline: clock.now + .seconds(60)
        )
        var found: [String: SensorSpec] = [:]
        var subjects: Set<Hint.Subject> = []
        for hint in hints where subjects.insert(hint.subject).inserted {
            for sensor in await sensors.concerned(by: hint, in: context) { found[sensor.name] = sensor }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    /// Has looked at what messages are about, and takes each out of their queue as soon as its own looks are committed.
    ///
    /// A message whose look fails, or takes longer than it is worth waiting for, stays and comes again.
    nonisolated func follow(_ messages: [HintMessage], of source: any HintSource) async {
        var done = messages.filter { judge($0, of: source) }
        var sensors: [String: SensorSpec] = [:]
        var wanted: [(message: HintMessage, names: Set<String>)] = []
        for message in messages where !message.hints.isEmpty {
            let concerned = await concerned(by: message.hints)
            for sensor in concerned { sensors[sensor.name] = sensor }
            if concerned.isEmpty {
                done.append(message)
            } else {
                wanted.append((message, Set(concerned.map(\.name))))
            }
        }
        let idle = done.flatMap(\.hints)
        if !idle.isEmpty {
            log.debug("\(source.label): \(Self.subjects(idle)); nobody looks at that")
        }
        if !wanted.isEmpty {
            let subjects = Self.subjects(wanted.flatMap(\.message.hints))
            log.info("\(source.label): \(subjects); looking at \(Self.few(sensors.keys.sorted()))")
        }
        let promises = await promiseLooks(of: sensors.values.sorted { $0.name < $1.name })
        await withTaskGroup(of: String?.self) { group in
            for promise in promises {
                group.addTask { [clock] in
                    await promise.isKept(within: Self.longestWait, on: clock) ? promise.sensor : nil
                }
            }
            // While the looks go on.
            await acknowledge(done, of: source)
            var kept: Set<String> = []
            for await name in group {
                guard let name, kept.insert(name).inserted, !Task.isCancelled else { continue }
                await acknowledge(wanted.filter { $0.names.isSubset(of: kept) }.map(\.message), of: source)
                wanted.removeAll { $0.names.isSubset(of: kept) }
            }
        }
    }

    /// The most that a look which a message led to is waited for; no message is held back from others for longer.
    private static let longestWait = Duration.seconds(240)
    /// How often a message that nothing can be made of may come before it is taken out.
    static let mostReceives = 3

    /// Whether a message is of no further use as it is: without hints, or hopeless.
    private nonisolated func judge(_ message: HintMessage, of source: any HintSource) -> Bool {
        switch message.content {
        case .hints(let hints): return hints.isEmpty
        case .malformed(let reason):
            let isLast = message.receives >= Self.mostReceives
            let what = surroundings.redactor.redact(reason)
            let fate = isLast ? "it came \(message.receives) times and is deleted" : "it is left, and comes again"
            log.warning("\(source.label): a message cannot be read: \(what); \(fate)")
            return isLast
        }
    }

    private nonisolated func acknowledge(_ messages: [HintMessage], of source: any HintSource) async {
        guard !messages.isEmpty, !Task.isCancelled else { return }
        let context = ProbeContext(
            connections: connections,
            surroundings: surroundings,
            deadline: clock.now + .seconds(60)
        )
        do {
            try await source.acknowledge(messages, in: context)
        } catch {
            let reason = surroundings.redactor.redact(String(describing: error))
            log.warning("\(source.label): messages could not be taken out and will come again: \(reason)")
        }
    }

    private static func subjects(_ hints: [Hint]) -> String { few(Set(hints.map(\.description)).sorted()) }

    private static func few(_ names: [String]) -> String {
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        return names.prefix(3).joined(separator: ", ") + more
    }
}
