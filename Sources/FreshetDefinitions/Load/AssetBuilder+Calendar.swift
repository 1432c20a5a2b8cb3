internal import FreshetCore
internal import FreshetKit

// Times of day, days and zones.

extension AssetBuilder {
    /// The windows in which no automatic refresh begins.
    mutating func blackout(_ automation: Settings) throws(Diagnostic) -> Blackout {
        var windows: [Blackout.Window] = []
        for fields in automation.objects("blackout") {
            let from = try minuteOfDay("from", fields) ?? 0
            let to = try minuteOfDay("to", fields, endsDay: true) ?? 1440
            guard from != to else {
                throw Diagnostic(
                    "the blackout ends when it begins",
                    at: fields.origin(of: "to"),
                    hint: "for a whole day write from: \"00:00\" and to: \"24:00\""
                )
            }
            let zone = try timeZone(fields)
            windows.append(Blackout.Window(weekdays: weekdays(fields), from: from, to: to, timeZone: zone))
        }
        let blackout = Blackout(windows)
        guard !blackout.coversTheWeek else {
            throw Diagnostic(
                "the blackout leaves no time for a refresh",
                at: automation.origin(of: "blackout"),
                hint: "shorten it, or write 'on: never' to refresh only by hand"
            )
        }
        return blackout
    }

    /// Minutes after midnight; `nil` when it is not stated.
    func minuteOfDay(_ name: String, _ fields: Settings, endsDay: Bool = false) throws(Diagnostic) -> Int? {
        guard let text = try fields.text(name) else { return nil }
        if endsDay, text == "24:00" { return 1440 }
        // By hand: a regular expression would take a fifth of the time that a large project takes to load.
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let isDigits = parts.allSatisfy { $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
        guard isDigits, parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            let hour = Int(Substring(parts[0])), let minute = Int(Substring(parts[1])), hour < 24, minute < 60
        else {
            throw Diagnostic(
                "'\(name)' has to be a time of day from 00:00 to \(endsDay ? "24:00" : "23:59"), not '\(text)'",
                at: fields.origin(of: name),
                hint: "write it as \"07:30\""
            )
        }
        return hour * 60 + minute
    }

    func weekdays(_ fields: Settings) -> Set<Int> {
        var names: [String] = (try? fields.texts("on")) ?? []  // Its shape was checked.
        switch names.first {
        case nil, "daily": names = CommonFields.weekdays
        case "weekdays": names = Array(CommonFields.weekdays.prefix(5))
        case "weekends": names = Array(CommonFields.weekdays.suffix(2))
        default: break
        }
        return Set(names.compactMap { name in CommonFields.weekdays.firstIndex(of: name).map { $0 + 1 } })
    }

    mutating func timeZone(_ fields: Settings) throws(Diagnostic) -> String {
        guard let zone = try fields.text("timezone") else { return project.timeZone }
        guard knownZones.contains(zone) || zones.contains(zone) else {
            throw Diagnostic(
                "there is no time zone '\(zone)'",
                at: fields.origin(of: "timezone"),
                hint: .didYouMean(zones.nearest(to: zone)) ?? "write an IANA zone such as Europe/Berlin"
            )
        }
        knownZones.insert(zone)
        return zone
    }
}
