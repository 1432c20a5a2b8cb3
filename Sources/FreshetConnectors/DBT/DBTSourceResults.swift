import FreshetCore

/// `sources.json`: how old the data of each source was when `dbt source freshness` looked.
///
/// - SeeAlso: schemas.getdbt.com, sources v1 to v3.
struct DBTSourceResults: DBTDocument, Sendable {
    static let kind = "sources"

    var metadata: DBTMetadata
    var results: [Result]

    /// What was found of one source.
    struct Result: Decodable, Sendable {
        var uniqueID: String
        /// `pass`, `warn`, `error`, `runtime error`.
        var status: Lenient<String>?
        /// Only where the look itself failed.
        var error: Lenient<String>?
        var maxLoadedAt: Lenient<String>?
        var snapshottedAt: Lenient<String>?

        enum CodingKeys: String, CodingKey {
            case uniqueID = "unique_id"
            case status
            case error
            case maxLoadedAt = "max_loaded_at"
            case snapshottedAt = "snapshotted_at"
        }

        /// The time of the newest row; `nil` where there is none that means anything.
        ///
        /// For an empty table dbt writes the first moment of the year 1, which is neither old nor a time.
        var newest: Timestamp? {
            guard let text = maxLoadedAt?.value, !text.hasPrefix("0001-") else { return nil }
            return Timestamp(iso8601: text)
        }
    }
}

extension DBTSourceResults.Result {
    /// What is known of the source from this.
    ///
    /// The time of the newest row moves with new rows, and misses every update and deletion.
    func observation(observedAt: Timestamp, redact: (String) -> String) -> Observation {
        var observation = Observation(
            .unknown,
            signal: "max_loaded_at",
            strength: .heuristic,
            observedAt: observedAt
        )
        let status = status?.value?.lowercased() ?? ""
        observation.values["status"] = .text(redact(status.isEmpty ? "runtime error" : status))
        if let text = snapshottedAt?.value { observation.values["snapshotted_at"] = .text(redact(text)) }
        guard error?.value == nil, status != "runtime error", !status.isEmpty else {
            let message = error?.value.flatMap(firstLine) ?? "no reason is given"
            observation.message = redact("dbt could not see how fresh it is: \(message)")
            return observation
        }
        guard let newest else {
            observation.message =
                maxLoadedAt?.value == nil
                ? "dbt says nothing of when it was loaded" : "dbt found no time of loading: the table may be empty"
            return observation
        }
        // As it was written: rows come within a millisecond of each other.
        let written = redact(maxLoadedAt?.value ?? newest.iso8601)
        observation.version = .known(DataVersion("max_loaded_at=\(written)"))
        observation.values["max_loaded_at"] = .text(written)
        observation.dataTime = newest
        if status == "warn" || status == "error" {
            observation.message = "older than its freshness allows (\(status)_after)"
        }
        return observation
    }
}
