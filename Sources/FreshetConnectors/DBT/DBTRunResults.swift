import FreshetCore

/// `run_results.json`: what one command of dbt did to each node.
///
/// dbt 0.19 and later write it, v1 to v6; v2 of dbt leaves out more and writes `null` for what is empty.
struct DBTRunResults: DBTDocument, Sendable {
    static let kind = "run-results"

    var metadata: DBTMetadata
    var args: Arguments?
    /// In seconds.
    var elapsedTime: Lenient<Double>?
    var results: [Result]

    enum CodingKeys: String, CodingKey {
        case metadata
        case args
        case elapsedTime = "elapsed_time"
        case results
    }

    struct Arguments: Decodable, Sendable {
        var which: Lenient<String>?
    }

    /// What became of one node.
    struct Result: Decodable, Sendable {
        var uniqueID: String
        var status: String
        var message: Lenient<String>?
        var adapterResponse: Lenient<AdapterResponse>?
        /// The SQL that the warehouse was sent, without what makes a table or view of it (1.7 and later).
        var compiledCode: Lenient<HashedText>?
        /// As the database calls it (1.7 and later).
        var relationName: Lenient<String>?
        var timing: Lenient<[Timing]>?
        /// In seconds.
        var executionTime: Lenient<Double>?
        /// Of a test: the rows that fail it.
        var failures: Lenient<Int>?
        /// Of a model that is built in batches (1.9 and later).
        var batchResults: Lenient<Batches>?

        enum CodingKeys: String, CodingKey {
            case uniqueID = "unique_id"
            case status
            case message
            case adapterResponse = "adapter_response"
            case compiledCode = "compiled_code"
            case relationName = "relation_name"
            case timing
            case executionTime = "execution_time"
            case failures
            case batchResults = "batch_results"
        }

        var completedAt: String? {
            let timing = timing?.value ?? []
            return (timing.last { $0.name == "execute" } ?? timing.last)?.completedAt
        }
    }

    /// The batches of a model, each from one moment to another.
    struct Batches: Decodable, Sendable {
        var successful: Lenient<[[String?]]>?
        var failed: Lenient<[[String?]]>?
    }

    struct Timing: Decodable, Sendable {
        /// `compile` or `execute`.
        var name: String?
        var completedAt: String?

        enum CodingKeys: String, CodingKey {
            case name
            case completedAt = "completed_at"
        }
    }

    /// What the warehouse said of the last statement.
    struct AdapterResponse: Decodable, Sendable {
        var code: Lenient<String>?
        /// Written as a whole number or with a fraction; negative where the warehouse does not count.
        var rowsAffected: Lenient<Double>?

        enum CodingKeys: String, CodingKey {
            case code
            case rowsAffected = "rows_affected"
        }
    }

    private static let commandsThatBuild: Set<String> = ["build", "clone", "retry", "run", "seed", "snapshot"]

    /// Whether the command touched tables; `dbt docs generate` and `dbt compile` report `success` for every node too.
    var isOfBuild: Bool { args?.which?.value.map(Self.commandsThatBuild.contains) ?? false }

    /// Whether the command looked at what stands in tables, be it that it built them or only tested.
    var isOfTests: Bool { isOfBuild || args?.which?.value == "test" }

    /// When the command began, by the clock of its machine.
    var beganAt: Timestamp? {
        guard let end = metadata.generatedAt.flatMap({ Timestamp(iso8601: $0) }), let elapsed = elapsedTime?.value,
            elapsed >= 0, elapsed < 1e7
        else { return nil }
        return end - .milliseconds(Int64(elapsed * 1000))
    }

    /// As a person would call it.
    var command: String {
        switch args?.which?.value {
        case "generate": "`dbt docs generate`"
        case let which?: "`dbt \(which)`"
        case nil: "a command that it does not name"
        }
    }
}
