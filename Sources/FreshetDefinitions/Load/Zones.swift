private import FoundationEssentials
internal import FreshetCore

/// The time zones that this machine knows.
///
/// - SeeAlso: RFC 8536 (TZif); Debian's package tzdata puts the files under `/usr/share/zoneinfo`.
struct Zones {
    static let defaultFolder = "/usr/share/zoneinfo"

    let folder: String

    /// Whether there is a zone of that name.
    func contains(_ name: String) -> Bool {
        guard name.wholeMatch(of: /[A-Za-z0-9_+\-]+(\/[A-Za-z0-9_+\-]+)*/) != nil,
            let data = FileManager.default.contents(atPath: folder + "/" + name)
        else { return false }
        return data.starts(with: Array("TZif".utf8))
    }

    /// The rules of every zone that policies name, and of the project's.
    func rules(named policies: [AssetPolicy], or project: String) -> [String: TimeZoneRules] {
        var names: Set<String> = [project]
        for policy in policies {
            names.formUnion(policy.automation?.blackout.windows.map(\.timeZone) ?? [])
            let schedules = [policy.automation?.schedule, policy.automation?.forcedAt]
            names.formUnion(schedules.compactMap { $0?.timeZone })
            if let deadline = policy.freshness?.by { names.insert(deadline.timeZone) }
        }
        var rules: [String: TimeZoneRules] = [:]
        for name in names {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
            // A file that cannot be read leaves the zone out, which then stands for UTC.
            rules[name] = try? TimeZoneRules(tzif: Array(data))
        }
        return rules
    }

    /// The zone that a wrong name most likely meant.
    func nearest(to name: String) -> String? {
        // Without the folder there is nothing to suggest.
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        let names = paths.filter { !$0.hasPrefix("posix/") && !$0.hasPrefix("right/") && $0.first?.isUppercase == true }
        let cities = names.filter { $0.hasSuffix("/" + name) }
        return cities.min() ?? FreshetCore.nearest(name, among: names.sorted())
    }
}
