package import FreshetCore
package import FreshetKit

/// Watches a Delta table by its log in object storage, without a warehouse.
///
/// The version is that of the last commit which changed rows or columns: what tidies up, such as `OPTIMIZE`, and what
/// changed nothing, such as a `MERGE` without a match, is walked over. The commit's content stands beside its number,
/// so that a table that was dropped and made again is another one.
///
/// - SeeAlso: the Delta transaction log protocol (PROTOCOL.md of delta-io/delta).
package struct DeltaLogProbe: CursorProbe {
    package static let name = "delta.log"
    package static let summary = "A Delta table, by its log in object storage; it changes when a commit changes data."
    package static let fields = [
        Field(
            "connection",
            .connection([S3Connection.name, FileConnection.name]),
            required: true,
            "The bucket or folder that the table lies in."
        ),
        Field("table", .text, required: true, "The table's folder, the one that holds _delta_log."),
    ]
    package static let examples = [
        """
        key: lake/orders
        kind: delta.log
        connection: lake
        table: gold/orders
        every: 1m
        """
    ]

    private let connection: String
    /// With a slash at its end.
    private let log: String

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        let table = try settings.requiredText("table")
        guard !table.contains("://"), !table.hasPrefix("/") else {
            throw Diagnostic(
                "'\(table)' is no folder below the connection",
                at: settings.origin(of: "table"),
                hint: "state the bucket in the connection, and here what stands behind it, such as gold/orders"
            )
        }
        let folder = table.withoutTrailingSlashes
        log = (folder.isEmpty || folder == "." ? "" : folder + "/") + "_delta_log/"
    }

    package var caveats: Caveats {
        Caveats(.exact, criesWolf: ["rows written again as they were, such as by an overwrite"])
    }

    package func observe(
        _ asset: AssetKey,
        from cursor: String?,
        in context: ProbeContext
    ) async throws -> (observation: Observation, cursor: String?) {
        let clock = context.surroundings.clock
        let began = clock.now
        let store = try context.connections.artifactStore(connection)
        var walk = DeltaWalk(store: store, log: log, memory: DeltaMemory(cursor: cursor, log: log))
        let finding = try await walk.find()
        var observation = Observation(
            .unknown,
            signal: "delta_version",
            observedAt: began,
            query: "read \(log)",
            source: connection,
            cost: ProbeCost(took: clock.now - began, requests: walk.requests, bytes: walk.bytes)
        )
        switch finding {
        case .none:
            observation.version = .missing
            observation.message = "there is no Delta table: \(log) holds no commit"
            return (observation, nil)
        case .unclear(let reason, let memory):
            observation.message = reason
            return (observation, memory?.cursor)
        case .found(let memory):
            observation.version = .known(DataVersion(memory.version))
            observation.values = ["log_version": .integer(memory.newest)]
            if let data = memory.data {
                observation.values["delta_version"] = .integer(data.number)
                if !data.operation.isEmpty { observation.values["operation"] = .text(data.operation) }
                if let moment = data.timestamp {
                    observation.values["committed_at"] = .text(Timestamp(milliseconds: moment).iso8601)
                }
            }
            return (observation, memory.cursor)
        }
    }

    package func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool {
        await hint.key(behind: connection, in: context)?.hasPrefix(log) ?? false
    }
}
