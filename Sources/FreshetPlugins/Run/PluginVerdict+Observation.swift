internal import FreshetCore
internal import FreshetKit

extension PluginVerdict {
    /// What a probe's program saw of its asset.
    ///
    /// A script that only knows how to materialize is understood too: what it says it made is what is there.
    ///
    /// - Parameters:
    ///   - result: of a program that has not failed.
    ///   - last: what was seen before; it stands when the program says that nothing is new.
    /// - Returns: an unknown version where the program told none.
    func observation(_ result: PluginResult, last: Observation?) -> Observation {
        let report = result.report
        if let seen = report.observations[key] ?? report.observations[""] ?? report.materializations[key] {
            return Self.observation(seen, entry)
        }
        if let reason = report.skips[key] ?? report.skips[""] {
            if var last, case .known = last.version {
                last.observedAt = nil
                last.cost = nil
                last.message = nil
                return last
            }
            return unknown("it says that nothing is new (\(reason)), and nothing was known before")
        }
        return unknown("it ended well and reported nothing about '\(key)'")
    }

    private func unknown(_ message: String) -> Observation {
        Observation(.unknown, signal: entry.signal, strength: entry.caveats.strength, message: message)
    }

    /// One asset's observation, of a probe or of a sensor.
    static func observation(_ seen: PipesReport.AssetReport, _ entry: PluginEntry) -> Observation {
        let more = seen.extension_
        let message = more["message"]?.text
        let version: VersionState =
            if more["missing"]?.boolean == true {
                .missing
            } else if let version = seen.version, !version.isEmpty {
                .known(DataVersion(version))
            } else {
                .unknown
            }
        var observation = Observation(
            version,
            health: more["health"]?.text.flatMap(Health.init) ?? .ok,
            signal: more["signal"]?.text ?? entry.signal,
            strength: more["strength"]?.text.flatMap(Strength.init) ?? entry.caveats.strength,
            values: seen.metadata.observed,
            dataTime: dataTime(more["data_time"]) ?? seen.metadata.lastUpdated,
            message: version == .unknown ? message ?? "it told no data_version" : message
        )
        observation.query = more["query"]?.text.map { String($0.prefix(2000)) }
        let bytes = more["bytes"]?.integer
        let rows = more["rows"]?.integer
        let requests = more["requests"]?.integer
        if bytes != nil || rows != nil || requests != nil {
            observation.cost = ProbeCost(requests: Int(clamping: requests ?? 0), bytes: bytes, rows: rows)
        }
        return observation
    }

    /// Seconds since 1970, or ISO 8601.
    private static func dataTime(_ value: JSONValue?) -> Timestamp? {
        if let text = value?.text { return Timestamp(iso8601: text) }
        guard let seconds = value?.number, abs(seconds) < 1e12 else { return nil }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }
}
