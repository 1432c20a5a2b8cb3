package import FreshetCore
package import FreshetKit

/// Watches every object whose key begins alike: a change is an object that came, went, or was overwritten.
///
/// What was listed last is its cursor, so that the evidence names the keys. A `quiet_period` waits until the listing
/// has stayed the same for so long, as seen by the clock of the engine, and at most ten times as long after the first
/// difference.
package struct S3PrefixProbe: CursorProbe {
    package static let name = "s3.prefix"
    package static let summary = "The objects of a bucket whose keys begin alike, or files; it changes when one does."
    package static let fields = [
        Field(
            "connection",
            .connection([S3Connection.name, FileConnection.name]),
            required: true,
            "The bucket or folder."
        ),
        Field(
            "prefix",
            .text,
            "What the keys begin with; with a glob, by default what stands before its first wildcard."
        ),
        Field("glob", .text, "Which keys count, as a whole: *, **, ?, [a-z] and {a,b}; '*' does not match '/'."),
        Field("regex", .text, "Which keys count, as a whole."),
        Field("min_objects", .integer(0...1_000_000), default: "1", "With fewer objects it counts as not there."),
        Field("max_objects", .integer(1...1_000_000), default: "100000", "More objects than that are a mistake."),
        Field("quiet_period", .duration, "How long nothing may change before a change counts; needs 'every'."),
        Field(
            "versions",
            .boolean,
            default: "false",
            "Whether to read the ids of versions, too; needs s3:ListBucketVersions."
        ),
    ]
    package static let examples = [
        """
        key: lake/orders
        kind: s3.prefix
        connection: lake
        prefix: raw/orders/
        """,
        """
        key: lake/events
        kind: s3.prefix
        connection: lake
        glob: raw/events/**/*.{parquet,json}
        min_objects: 4
        quiet_period: 5m
        every: 1m
        """,
    ]

    private let connection: String
    private let prefix: String
    private let filter: KeyFilter
    private let minObjects: Int
    private let maxObjects: Int
    private let quietPeriod: Duration
    private let withVersions: Bool

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        filter = try KeyFilter(from: settings)
        let stated = try settings.text("prefix")
        guard stated != nil || settings.has("glob") || settings.has("regex") else {
            var missing = settings.missing("prefix")
            missing.hint = "or write 'glob' or 'regex'; what they begin with is the prefix then"
            throw missing
        }
        prefix = stated ?? filter.prefix
        minObjects = try settings.integer("min_objects") ?? 1
        maxObjects = try settings.integer("max_objects") ?? 100_000
        guard minObjects <= maxObjects else {
            throw Diagnostic("'min_objects' is more than 'max_objects'", at: settings.origin(of: "min_objects"))
        }
        quietPeriod = try settings.duration("quiet_period") ?? .zero
        withVersions = try settings.boolean("versions") ?? false
        if quietPeriod > .zero, try settings.duration("every") == nil {
            // Without it nobody would look again when the quiet has lasted long enough.
            throw Diagnostic(
                "'quiet_period' needs 'every'",
                at: settings.origin(of: "quiet_period"),
                hint: "state how often to look, such as 'every: 1m'"
            )
        }
    }

    package var caveats: Caveats {
        Caveats(
            .exact,
            criesWolf: ["the same bytes uploaded again in parts of another size, under another key of encryption"]
                + (withVersions ? ["the same bytes uploaded again"] : [])
        )
    }

    package func observe(
        _ asset: AssetKey,
        from cursor: String?,
        in context: ProbeContext
    ) async throws -> (observation: Observation, cursor: String?) {
        let clock = context.surroundings.clock
        let began = clock.now
        let store = try context.connections.artifactStore(connection)
        let query = ArtifactQuery(prefix: prefix, withVersions: withVersions, limit: maxObjects)
        let listing = try await store.list(query)
        let entries = await filter.select(listing.entries)
        var observation = Observation(
            .unknown,
            signal: withVersions ? "keys, etags, version ids" : "keys, etags",
            strength: type(of: store).etagStrength,
            observedAt: began,
            query: "list \(prefix)" + filter.description,
            source: connection,
            cost: ProbeCost(took: clock.now - began, requests: listing.requests)
        )
        var memory = PrefixMemory(cursor: cursor, settings: settingsMark)
        guard entries.count >= max(minObjects, 1) || minObjects == 0 else {
            observation.version = .missing
            observation.values = ["objects": .integer(Int64(entries.count))]
            observation.message = "\(entries.count) of at least \(minObjects) objects are there"
            return (observation, memory.cursor)
        }
        memory.see(entries, at: began, quietPeriod: quietPeriod, prefix: prefix)
        observation.version = .known(memory.version)
        observation.values = memory.values
        observation.message = memory.waits(for: quietPeriod)
        return (observation, memory.cursor)
    }

    package func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool {
        guard let key = await hint.key(behind: connection, in: context), key.utf8.starts(with: prefix.utf8) else {
            return false
        }
        return await filter.admits(key)
    }

    /// What a cursor is only good for: another filter begins anew.
    private var settingsMark: String {
        var fingerprint = Fingerprint()
        for part in [connection, prefix, filter.description, String(withVersions)] { fingerprint.add(part) }
        return String(fingerprint.hexadecimal.prefix(16))
    }
}
