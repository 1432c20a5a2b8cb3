internal import FreshetCore
internal import FreshetKit

/// Counts the tables of a model that was just refreshed, and compares them with what their inputs had when the run was
/// planned.
///
/// Fewer rows than planned is what a refresh with stale or missing data looks like. More rows prove nothing: the input
/// may have grown between the plan and the load, and then the next run follows by itself; so they only warn.
struct RowCount {
    let options: VerifyOptions
    let step: StepContext
    let connection: PowerBIConnection
    let address: ModelAddress

    /// The longest time that throttling may hold up the end of a refresh that has succeeded.
    private static let patience = Duration.seconds(180)

    /// What came of it: one check a table, and the rows by table as far as they are known.
    struct Findings: Sendable {
        var checks: [CheckResult] = []
        var rows: [String: Int64] = [:]
    }

    /// What the tables of an extent that was just refreshed hold.
    func take(_ extent: Extent) async -> Findings {
        let tables = options.rules.keys.sorted().filter { table in
            if case .parts(let parts) = extent, !parts.contains(table) { return false }
            return !options.isAutomatic || expected(table) != nil
        }
        guard !tables.isEmpty else { return Findings() }
        await step.report("counting the rows of \(tables.count == 1 ? tables[0] : "\(tables.count) tables")")
        switch await count(tables) {
        case .success(let rows):
            return Findings(checks: tables.map { check($0, rows: rows[$0]) }, rows: rows)
        case .failure(let reason):
            return Findings(checks: tables.map { unknown($0, reason.message) })
        }
    }

    private struct Reason: Error { var message: String }

    private func count(_ tables: [String]) async -> Result<[String: Int64], Reason> {
        let clock = step.surroundings.clock
        let end = min(clock.now + Self.patience, step.deadline ?? .distantFuture)
        while true {
            if step.stop.reason != nil { return .failure(Reason(message: "the step was asked to stop")) }
            let reply = await connection.client.rowCounts(of: tables, in: address)
            switch reply.result {
            case .answer(let rows): return .success(rows)
            case .refusal(let refusal): return .failure(Reason(message: refusal.message))
            case .silence(let silence):
                let moment = clock.now + max(reply.retryAfter ?? .seconds(15), .seconds(1))
                guard moment < end, !Task.isCancelled else { return .failure(Reason(message: silence.message)) }
                await step.stop.sleep(until: moment, on: clock)
            }
        }
    }

    private func expected(_ table: String) -> (rows: Int64, at: Timestamp?)? {
        guard let rule = options.rules[table], let seen = step.inputs[rule.input] else { return nil }
        switch seen.values[rule.count] {
        case .integer(let rows)?: return (rows, seen.observedAt)
        case .number(let rows)?: return Int64(exactly: rows).map { ($0, seen.observedAt) }
        case .text(let text)?: return Int64(text).map { ($0, seen.observedAt) }
        case nil: return nil
        }
    }

    private func check(_ table: String, rows: Int64?) -> CheckResult {
        guard let rule = options.rules[table] else { return unknown(table, "nothing says what to compare it with") }
        guard let rows else { return unknown(table, "the answer does not name it") }
        guard let (expected, moment) = expected(table) else {
            return unknown(table, "\(rule.input) did not tell '\(rule.count)' when the run was planned", rows: rows)
        }
        let missing = expected - rows
        let isPassed = rule.tolerance.allows(missing: abs(missing), of: expected)
        let time = moment.map { " at \($0.iso8601.dropFirst(11).prefix(5)) UTC" } ?? ""
        var message = "model has \(rows.grouped) rows, \(rule.input) had \(expected.grouped)\(time)"
        if missing > 0 {
            message += ": \(missing.grouped) missing (\(Self.percent(missing, of: expected)))"
        } else if missing < 0 {
            message += ": \((-missing).grouped) more (\(Self.percent(-missing, of: expected)))"
            if !isPassed { message += "; the input may have grown since" }
        }
        return CheckResult(
            name: Self.name(table),
            severity: missing < 0 ? .warn : rule.severity,
            isPassed: isPassed,
            message: message,
            details: [
                "table": .text(table), "model_rows": .integer(rows), "expected_rows": .integer(expected),
                "missing_rows": .integer(missing), "input": .text(rule.input.path),
                "observed_at": moment.map { .text($0.iso8601) } ?? .null,
            ]
        )
    }

    /// What cannot be compared is never taken for right.
    private func unknown(_ table: String, _ reason: String, rows: Int64? = nil) -> CheckResult {
        var details: [String: JSONValue] = ["table": .text(table), "outcome": "unknown"]
        details["model_rows"] = rows.map { .integer($0) }
        return CheckResult(
            name: Self.name(table),
            severity: .warn,
            isPassed: false,
            message: "unknown: \(reason)",
            details: .object(details)
        )
    }

    private static func name(_ table: String) -> String { "row_count/\(table)" }

    /// `0.5 %`; as exact as it takes to tell something from nothing.
    private static func percent(_ part: Int64, of whole: Int64) -> String {
        guard whole > 0 else { return "of none" }
        let hundredths = (Double(part) / Double(whole) * 10_000).rounded()
        guard hundredths >= 1 else { return "less than 0.01 %" }
        let value = hundredths / 100
        return (value == value.rounded() ? String(Int64(value)) : String(value)) + " %"
    }
}

extension Int64 {
    /// `10,000`.
    fileprivate var grouped: String {
        let digits = Array(String(magnitude))
        let groups = stride(from: digits.count, to: 0, by: -3).map { String(digits[Swift.max(0, $0 - 3)..<$0]) }
        return (self < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }
}

extension Timestamp {
    fileprivate static let distantFuture = Timestamp(milliseconds: .max)
}
