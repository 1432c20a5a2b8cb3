import Foundation
import Testing

@testable import FreshetCore

/// The recorded answers of other engines, as far as they hold for this dialect; see the fixtures' own notes.
@Suite(.enabled(if: CronVectors.folder != nil)) struct `Cron vectors` {
    /// cronsim follows Debian's cron, and so does Freshet: every row with five fields counts.
    @Test func `agree with cronsim, errors and changes of clocks included`() throws {
        var counts = (rows: 0, errors: 0)
        for row in try CronVectors.lines("cronsim_recorded.jsonl") {
            guard let text = row["expr"] as? String, text.split(separator: " ").count == 5 else { continue }
            guard row["error"] == nil else {
                #expect(throws: CronError.self, "\(text)") { try CronExpression(parsing: text) }
                counts.errors += 1
                continue
            }
            let start = try CronVectors.moment(row["start"])
            let expected = try CronVectors.moment(row["result"])
            let count = (row["n"] as? Int ?? 0) + 1
            let expression = try CronExpression(parsing: text)
            let isBackwards = (row["kw"] as? [String: Any])?["reverse"] as? Bool == true
            let found: Timestamp?
            if isBackwards {
                // Going forward from just before it, it is the one that so many follow up to the start.
                let times = expression.times(after: expected.at - .seconds(1), in: start.zone, count: count + 1)
                found = times.first
                #expect(times.filter { $0 < start.at }.count == count, "\(text) back from \(start.at.iso8601)")
            } else {
                found = expression.times(after: start.at, in: start.zone, count: count).last
            }
            #expect(found == expected.at, "\(text) from \(start.at.iso8601), number \(count): \(row["test"] ?? "")")
            counts.rows += 1
        }
        #expect(counts.rows > 1000 && counts.errors > 100, "\(counts)")
    }

    /// croniter knows more (`W`, ranges that wrap, `n-n` for all): those rows are left out, as is every row in a zone.
    @Test func `agree with croniter where the dialects are one`() throws {
        var rows = 0
        for row in try CronVectors.lines("croniter7_standard5.jsonl") {
            guard let text = row["expr"] as? String, row["error"] is NSNull, row["dir"] as? String == "next",
                !CronVectors.isForeign(text), let from = row["frm"] as? [String: Any], from["tz"] == nil
            else { continue }
            let expression = try CronExpression(parsing: text)
            let (start, expected) = (try CronVectors.moment(from), try CronVectors.moment(row["expect"]))
            #expect(expression.next(after: start.at, in: .utc) == expected.at, "\(text) from \(start.at.iso8601)")
            rows += 1
        }
        #expect(rows >= 245, "\(rows)")
    }

    @Test func `agree with cronsim in the comparison of five engines`() throws {
        let cases = try #require(try CronVectors.json("differential.json") as? [[String: Any]])
        var rows = 0
        for row in cases {
            guard let text = row["expr"] as? String, let expected = row["utc_cronsim"] as? [String],
                let expression = try? CronExpression(parsing: text), let start = row["start"] as? String
            else { continue }
            if expected.first?.hasPrefix("ERR") == true {
                // What cronsim does not know, and this dialect takes from others.
                #expect(["L5", "?", "@", "H"].contains { text.contains($0) }, "\(text)")
                continue
            }
            let zone = try ZoneFiles.rules(row["tz"] as? String ?? "UTC")
            let times = expression.times(after: try .at(start), in: zone, count: expected.count).map(\.iso8601)
            #expect(times == expected, "\(row["label"] ?? text)")
            rows += 1
        }
        #expect(rows > 30, "\(rows)")
    }

    @Test func `agree with robfig on when a minute is meant`() throws {
        let tables = try #require(try CronVectors.json("robfig_spec.json") as? [String: Any])
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "EEE MMM d HH:mm yyyy"
        var rows = 0
        for row in try #require(tables["activation"] as? [[String: Any]]) {
            guard let text = row["spec"] as? String, let time = row["time"] as? String,
                let date = format.date(from: time), let fires = row["fires"] as? Bool,
                // Its star bit is another than Vixie's.
                let expression = try? CronExpression(parsing: text), expression.warnings.isEmpty
            else { continue }
            let moment = Timestamp(seconds: date.timeIntervalSince1970)
            #expect((expression.next(after: moment - .seconds(1), in: .utc) == moment) == fires, "\(text) at \(time)")
            rows += 1
        }
        #expect(rows > 20, "\(rows)")
    }

    /// Dagster takes the second of two equal times, and goes by other rules for half-hour zones; a gap is as here.
    @Test func `agree with Dagster outside of the hours that come twice`() throws {
        let cases = try #require(
            (try CronVectors.json("../dagster-cron/dagster_cron_dst.json") as? [String: Any])?["cases"]
                as? [[String: Any]]
        )
        var rows = 0
        for row in cases {
            guard let text = row["cron"] as? String, let name = row["tz"] as? String, name != "Australia/Lord_Howe",
                let local = row["start_local"] as? String, let next = row["next"] as? [[String: Any]],
                let expression = try? CronExpression(parsing: text)
            else { continue }
            let zone = try ZoneFiles.rules(name)
            let expected = try next.map { try Timestamp.at($0["utc"] as? String ?? "") }
            let start = zone.timestamp(forLocal: TimeZoneRules.utc.local(at: try .at(local)))
            guard let last = expected.last, !CronVectors.clocksChange(from: start, to: last, in: zone) else { continue }
            #expect(
                expression.times(after: start - .seconds(1), in: zone, count: expected.count) == expected,
                "\(text) \(name) \(local)"
            )
            rows += 1
        }
        #expect(rows > 5, "\(rows)")
    }
}

enum CronVectors {
    static let folder = ProcessInfo.processInfo.environment["FRESHET_FIXTURES"].map { $0 + "/cron" }

    static func json(_ name: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "\(folder ?? "")/\(name)")))
    }

    static func lines(_ name: String) throws -> [[String: Any]] {
        try String(contentsOfFile: "\(folder ?? "")/\(name)", encoding: .utf8).split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    static func moment(_ value: Any?) throws -> (at: Timestamp, zone: TimeZoneRules) {
        let fields = value as? [String: Any] ?? [:]
        let zone = try (fields["tz"] as? String).map(ZoneFiles.rules) ?? .utc
        return (try .at(fields["dt"] as? String ?? ""), zone)
    }

    static func isForeign(_ text: String) -> Bool {
        let fields = text.lowercased().split(separator: " ")
        guard fields.count == 5 else { return true }
        // `*/n` beside the other day field is read otherwise; a range that wraps, or has one value, too.
        if (try? CronExpression(parsing: text)).map({ !$0.warnings.isEmpty }) ?? true { return true }
        return fields.contains { field in
            field.split(separator: ",").contains { piece in
                let ends = piece.split(separator: "/")[0].split(separator: "-")
                return ends.count == 2 && ends[0] == ends[1]
            }
        }
    }

    static func clocksChange(from start: Timestamp, to end: Timestamp, in zone: TimeZoneRules) -> Bool {
        guard let change = zone.nextChange(after: start) else { return false }
        return change <= end
    }
}
