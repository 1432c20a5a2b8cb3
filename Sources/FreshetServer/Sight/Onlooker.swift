import FreshetCore
import FreshetKit
import FreshetView

/// Makes the documents of assets from what the server sees at one moment.
struct Onlooker {
    let project: Project
    let panorama: Panorama
    let statistics: Statistics
    let definitions: [AssetKey: AssetDefinition]

    init(_ call: Call) async throws(Problem) {
        project = call.project
        definitions = call.context.sight.definitions
        panorama = try await call.context.sight.panorama()
        statistics = try await call.context.sight.statistics()
    }

    var at: JSONValue { Documents.time(panorama.at) }
    var sequence: Int64 { panorama.sequence }
    private var snapshot: StoreSnapshot { panorama.snapshot }

    func standing(_ asset: AssetSpec) -> Standing {
        Standing(asset, panorama.statuses[asset.key], snapshot.observations[asset.key]?.observation)
    }

    func isPaused(_ asset: AssetKey) -> Bool { snapshot.isPaused || snapshot.pauses.contains(asset) }

    /// The run that works on an asset now.
    func run(on asset: AssetKey) -> RunID? { panorama.working[asset] }

    // MARK: The board

    func boardRow(_ status: AssetStatus) -> JSONValue {
        guard case .object(var members) = Documents.status(status) else { return .null }
        let spec = status.asset
        let run = run(on: spec.key)
        members["group"] = Documents.text(spec.labels.group)
        members["owners"] = .list(spec.labels.owners.map { .text($0) })
        members["tags"] = .object(spec.labels.tags.mapValues { .text($0) })
        members["description"] = Documents.text(spec.labels.description)
        members["workspace"] = Documents.text(definitions[spec.key]?.text("workspace"))
        members["freshness_policy"] = freshnessPolicy(spec)
        members["waits_for"] = Documents.keys(way(from: spec.key, to: status.culprit))
        members["culprit"] = Documents.text(status.culprit?.path)
        members["advice"] = advice(on: status).document
        members["risk"] = risk(of: status)
        members["run"] = Documents.text(run)
        members["recent"] = .list(statistics.recent(of: spec.key).map(Self.outcome))
        members["p50_seconds"] = Documents.number(statistics.median(of: spec.key))
        return .object(members)
    }

    func advice(on status: AssetStatus) -> Advice {
        Advice(
            status,
            culprit: status.culprit,
            run: run(on: status.asset.key),
            isEverythingPaused: snapshot.isPaused
        )
    }

    private static func outcome(_ step: FinishedStep) -> JSONValue {
        [
            "run": .text(step.run), "status": .text(step.status.rawValue), "at": Documents.time(step.endedAt),
            "duration_seconds": .number(step.duration.inSeconds),
        ]
    }

    func freshnessPolicy(_ spec: AssetSpec) -> JSONValue {
        spec.policy.freshness?.document(after: panorama.at, zone: project.zone) ?? .null
    }

    /// Whether it is expected to become late although it is not yet.
    private func risk(of status: AssetStatus) -> JSONValue {
        guard let found = lateness(of: status) else { return .null }
        return [
            "at": Documents.time(found.at), "late_by_seconds": .number(found.by.inSeconds),
            "sentence": .text("is expected to be \(found.by.briefly) late: \(status.reason)"),
        ]
    }

    func lateness(of status: AssetStatus) -> (at: Timestamp, by: Duration)? {
        guard case .fresh(let until?)? = status.freshness, status.state != .upToDate else { return nil }
        let took = Duration.seconds(statistics.median(of: status.asset.key) ?? 0)
        let end: Timestamp
        switch status.state {
        case .refreshing:
            let began = status.lastStep?.status.isFinished == false ? status.lastStep?.startedAt : nil
            end = max((began ?? panorama.at) + took, panorama.at)
        case .parked: end = (status.park?.until ?? panorama.at) + took
        case .stale, .failed:
            guard let next = status.nextRun else { return nil }
            end = max(next.dueAt, panorama.at) + took
        case .held, .paused, .unknown, .upToDate: return nil
        }
        return end > until ? (until, end - until) : nil
    }

    // MARK: The graph

    /// The shortest way upstream, nearest first, without the asset itself.
    func way(from asset: AssetKey, to culprit: AssetKey?) -> [AssetKey] {
        guard let culprit else { return [] }
        var before: [AssetKey: AssetKey] = [:]
        var seen: Set<AssetKey> = [asset]
        var level = [asset]
        while !level.isEmpty, !seen.contains(culprit) {
            var next: [AssetKey] = []
            for key in level {
                for above in project.graph[key]?.upstreams ?? [] where seen.insert(above).inserted {
                    before[above] = key
                    next.append(above)
                }
            }
            level = next
        }
        var way: [AssetKey] = []
        var place: AssetKey? = seen.contains(culprit) ? culprit : nil
        while let key = place, key != asset {
            way.append(key)
            place = before[key]
        }
        return way.reversed()
    }

    func neighbour(_ key: AssetKey, parts: [String] = []) -> JSONValue {
        guard let spec = project.graph[key] else { return .null }
        let standing = standing(spec)
        return [
            "asset": .text(key.path), "kind": .text(spec.labels.kind), "role": .text(spec.roleName),
            "state": .text(standing.word), "late": .boolean(standing.isLate), "sentence": .text(standing.sentence),
            "parts": .list(parts.map { .text($0) }),
        ]
    }

    // MARK: Assets

    func assetRow(_ spec: AssetSpec) -> JSONValue {
        guard case .object(var members) = Documents.asset(spec) else { return .null }
        let standing = standing(spec)
        let status = panorama.statuses[spec.key]
        members["state"] = .text(standing.word)
        members["late"] = .boolean(standing.isLate)
        members["sentence"] = .text(standing.sentence)
        members["data_time"] = Documents.time(dataTime(of: spec))
        members["last_materialized"] = Documents.time(status?.lastMaterialized)
        members["last_changed"] = Documents.time(lastChanged(of: spec))
        members["freshness"] = Documents.freshness(status?.freshness)
        members["freshness_policy"] = freshnessPolicy(spec)
        members["automation"] = spec.policy.automation?.document ?? .null
        members["p50_seconds"] = Documents.number(statistics.median(of: spec.key))
        members["paused"] = .boolean(spec.isMaterialized && isPaused(spec.key))
        return .object(members)
    }

    func dataTime(of spec: AssetSpec) -> Timestamp? {
        panorama.statuses[spec.key]?.dataTime ?? snapshot.observations[spec.key]?.observation.dataTime
    }

    func lastChanged(of spec: AssetSpec) -> Timestamp? {
        panorama.statuses[spec.key]?.lastChanged ?? snapshot.observations[spec.key]?.changedAt
    }

    func observation(of key: AssetKey) -> JSONValue {
        guard let seen = snapshot.observations[key] else { return .null }
        let what = seen.observation
        var metadata: [String: JSONValue] = [:]
        if case .object(let values) = Documents.values(what.values) { metadata = values }
        if let query = what.query { metadata["query"] = .text(query) }
        if let source = what.source { metadata["source"] = .text(source) }
        if let cost = what.cost { metadata["cost"] = Documents.cost(cost) }
        return [
            "version": .text(what.version.text), "health": .text(what.health.rawValue), "signal": .text(what.signal),
            "strength": .text(what.strength.rawValue), "changed_at": Documents.time(seen.changedAt),
            "verified_at": Documents.time(seen.verifiedAt), "data_time": Documents.time(what.dataTime),
            "message": Documents.text(what.message), "metadata": .object(metadata),
        ]
    }
}

extension AssetDefinition {
    /// A setting as it is written; `nil` for one that is not there or no text.
    func text(_ name: String) -> String? {
        if case .text(let text)? = settings.value[name]?.content { text } else { nil }
    }
}
