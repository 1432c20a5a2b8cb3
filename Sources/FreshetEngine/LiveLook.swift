public import FreshetCore
public import FreshetKit

/// Looks at what assets read, and commits nothing: for plans.
public struct LiveLook: Sendable {
    private let project: Project
    private let connections: Connections
    private let surroundings: Surroundings

    /// What was seen, laid over what was known.
    public struct Sight: Sendable {
        public var observed: [AssetKey: Observation]
        /// One sentence for each sensor that could not look; its asset is unknown in ``observed``.
        public var failures: [String]
    }

    public init(project: Project, connections: Connections, surroundings: Surroundings) {
        self.project = project
        self.connections = connections
        self.surroundings = surroundings
    }

    /// - Parameters:
    ///   - assets: whose ancestry is looked at.
    ///   - cursors: what each sensor's look starts from.
    ///   - observed: what was seen last.
    /// - Returns: what is there now.
    public func look(
        atInputsOf assets: Set<AssetKey>,
        cursors: [String: String],
        observed: [AssetKey: Observation]
    ) async -> Sight {
        var sight = Sight(observed: observed, failures: [])
        for wave in SensorIndex(project).waves(for: assets) {
            let outcomes = await withTaskGroup(of: (SensorSpec, Look.Outcome).self) { group in
                var waiting = wave[...]
                var outcomes: [(SensorSpec, Look.Outcome)] = []
                for sensor in waiting.prefix(8) { add(sensor, cursors, sight.observed, to: &group) }
                waiting = waiting.dropFirst(8)
                while let outcome = await group.next() {
                    outcomes.append(outcome)
                    if let sensor = waiting.popFirst() { add(sensor, cursors, sight.observed, to: &group) }
                }
                return outcomes
            }
            for (sensor, outcome) in outcomes { sight.apply(outcome, of: sensor, at: surroundings.clock.now) }
        }
        sight.failures.sort()
        return sight
    }

    private func add(
        _ sensor: SensorSpec,
        _ cursors: [String: String],
        _ observed: [AssetKey: Observation],
        to group: inout TaskGroup<(SensorSpec, Look.Outcome)>
    ) {
        let look = Look(
            sensor: sensor,
            cursor: cursors[sensor.name],
            previous: sensor.asset.flatMap { observed[$0] },
            isHinted: true,
            connections: connections,
            surroundings: surroundings,
            roll: LookRoll()
        )
        group.addTask { (sensor, await look.perform()) }
    }
}

extension LiveLook.Sight {
    mutating func apply(_ outcome: Look.Outcome, of sensor: SensorSpec, at now: Timestamp) {
        switch outcome {
        case .seen(let reading):
            for (key, observation) in reading.observations {
                observed[key] = observation
                observed[key]?.observedAt = now
            }
        case .failed(let message):
            failures.append("\(sensor.name): \(message)")
            guard let asset = sensor.asset else { return }
            var observation = observed[asset] ?? .unknown
            observation.version = .unknown
            observation.message = message
            observed[asset] = observation
        }
    }
}
