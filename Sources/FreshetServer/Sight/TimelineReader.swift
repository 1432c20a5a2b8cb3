import FreshetCore
import FreshetKit
import FreshetView

/// What became of one asset, the newest first; skips in a row with the same reason are one entry.
struct TimelineReader {
    private let spec: AssetSpec
    private let call: Call
    private let limit: Int
    private let wanted: Set<String>?
    private let until: Timestamp?
    /// Only what is older than this position.
    private let before: Int64?

    /// How many decisions or observations are read at a time.
    private static let batch = 500
    /// At most so many batches for one page, however rare what is wanted.
    private static let batches = 8

    init(_ spec: AssetSpec, _ call: Call) throws(Problem) {
        self.spec = spec
        self.call = call
        limit = try call.query.limit()
        wanted = call.query["entry"].map { Set($0.split(separator: ",").map(String.init)) }
        until = try call.query.time("until")
        before = try Cursor.sequence("timeline", in: call.query)
    }

    /// - Returns: the entries of one page, and the position after it where there is more.
    func page() async throws -> (entries: [JSONValue], next: Int64?) {
        spec.isMaterialized ? try await decided() : try await observed()
    }

    private func isWanted(_ entry: String) -> Bool { wanted?.contains(entry) ?? true }

    // MARK: Assets that are refreshed

    private func decided() async throws -> (entries: [JSONValue], next: Int64?) {
        var entries: [JSONValue] = []
        var groups: [[DecisionRecord]] = []
        var place = before
        for _ in 0..<Self.batches {
            let query = DecisionQuery(asset: spec.key, at: until, before: place, limit: Self.batch)
            let records = try await asking { () throws(StoreError) in try await call.store.decisions(query) }
            for record in records { Self.add(record, to: &groups) }
            // The last group may go on in the next batch.
            let isEnd = records.count < Self.batch
            while groups.count > (isEnd ? 0 : 1) {
                let group = groups.removeFirst()
                if let entry = try await entry(of: group) { entries.append(entry) }
                if entries.count == limit {
                    return (entries, isEnd && groups.isEmpty ? nil : group.last?.sequence)
                }
            }
            if isEnd { return (entries, nil) }
            place = records.last?.sequence
        }
        return (entries, groups.first?.first.map { $0.sequence + 1 } ?? place)
    }

    /// Decisions that say the same one after the other belong together; one that became a run stands alone.
    private static func add(_ record: DecisionRecord, to groups: inout [[DecisionRecord]]) {
        if let last = groups.last?.last, last.run == nil || last.outcome != .run,
            record.run == nil || record.outcome != .run, last.outcome == record.outcome,
            last.decision.code == record.decision.code
        {
            groups[groups.count - 1].append(record)
        } else {
            groups.append([record])
        }
    }

    private func entry(of group: [DecisionRecord]) async throws -> JSONValue? {
        guard let newest = group.first, let oldest = group.last else { return nil }
        if newest.outcome == .run, let run = newest.run { return try await worked(newest, in: run) }
        let word: String
        switch newest.outcome {
        case .run, .wait: word = "waiting"
        case .skip: word = "skipped"
        case .hold: word = "held"
        }
        guard isWanted(word) else { return nil }
        var members = Self.base(newest)
        members["entry"] = .text(word)
        members["at"] = Documents.time(oldest.at)
        members["until"] = group.count > 1 ? Documents.time(newest.at) : .null
        members["count"] = Documents.integer(group.count)
        return .object(members)
    }

    private static func base(_ record: DecisionRecord) -> [String: JSONValue] {
        let causes: [Cause] = if case .run(let causes) = record.decision { causes.sorted() } else { [] }
        let parts: [String] = if case .parts(let names) = Extent(causes) { names.sorted() } else { [] }
        return [
            "at": Documents.time(record.at), "until": .null, "count": 1,
            "sentence": .text(record.decision.sentence(record.evidence)), "reason": .text(record.decision.code),
            "run": Documents.text(record.run), "duration_seconds": .null, "parts": .list(parts.map { .text($0) }),
            "causes": .list(causes.map(Documents.cause)), "evidence": .list(record.evidence.map(Documents.evidence)),
            "version": .null, "previous_version": .null, "failure": .null, "sequence": .integer(record.sequence),
        ]
    }

    private func worked(_ record: DecisionRecord, in run: RunID) async throws -> JSONValue? {
        let detail = try await asking { () throws(StoreError) in try await call.store.run(run) }
        guard let step = detail?.steps.first(where: { $0.asset == spec.key }) else { return nil }
        let word =
            switch step.status {
            case .succeeded: "materialized"
            case .failed: "failed"
            case .cancelled: "cancelled"
            case .skipped: "skipped"
            case .waiting, .queued, .running, .retrying: "running"
            }
        guard isWanted(word) else { return nil }
        var members = Self.base(record)
        members["entry"] = .text(word)
        members["at"] = Documents.time(step.startedAt ?? record.at)
        members["until"] = Documents.time(step.endedAt)
        members["sentence"] = .text(
            step.status == .succeeded ? record.decision.sentence(record.evidence) : step.sentence
        )
        if let started = step.startedAt, let ended = step.endedAt {
            members["duration_seconds"] = .number((ended - started).inSeconds)
        }
        if step.status == .succeeded {
            let all = try await asking { () throws(StoreError) in
                try await call.store.materializations(of: spec.key, limit: 500)
            }
            if let place = all.firstIndex(where: { $0.run == run }) {
                members["version"] = .text(all[place].materialization.version.fingerprint)
                let before = place + 1 < all.count ? all[place + 1].materialization.version.fingerprint : nil
                members["previous_version"] = Documents.text(before)
            }
        }
        if step.status == .failed { members["failure"] = RunDocuments.failure(step.failure) }
        return .object(members)
    }

    // MARK: Assets that are looked at

    private func observed() async throws -> (entries: [JSONValue], next: Int64?) {
        guard isWanted("changed") else { return ([], nil) }
        let query = ObservationQuery(asset: spec.key, before: before, isNewestFirst: true, limit: limit + 2)
        let all = try await asking { () throws(StoreError) in try await call.store.observations(query) }
        let page = all.prefix(limit)
        let entries: [JSONValue] = page.enumerated().compactMap { place, item in
            if let until, item.at > until { return nil }
            let older = place + 1 < all.count ? all[place + 1].observation.version.text : nil
            let standing = Standing(spec, nil, item.observation)
            return [
                "entry": "changed", "at": Documents.time(item.at), "until": .null, "count": 1,
                "sentence": .text(standing.sentence), "reason": .null, "run": .null, "duration_seconds": .null,
                "parts": .list([]), "causes": .list([]), "evidence": .list([]),
                "version": .text(item.observation.version.text), "previous_version": Documents.text(older),
                "failure": .null, "sequence": .integer(item.sequence),
            ]
        }
        return (entries, all.count > limit ? page.last?.sequence : nil)
    }
}
