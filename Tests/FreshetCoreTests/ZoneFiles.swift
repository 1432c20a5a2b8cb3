import Foundation

@testable import FreshetCore

/// The compiled zones of the package tzdata, which is a dependency.
enum ZoneFiles {
    static let folder = "/usr/share/zoneinfo"

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }

    static func rules(_ name: String) throws -> TimeZoneRules { try TimeZoneRules(tzif: bytes(name)) }

    /// Every zone of every region, such as `Europe/Berlin`.
    static var names: [String] {
        get throws {
            let regions = [
                "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Etc", "Europe", "Indian",
                "Pacific",
            ]
            return try regions.flatMap { region in
                try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(region)").map { "\(region)/\($0)" }
            }
            .filter { name in
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
                return !isFolder.boolValue
            }
            .sorted()
        }
    }
}

extension Timestamp {
    /// For tests: `at("2026-03-29T00:59:59Z")`.
    static func at(_ text: String) throws -> Timestamp {
        guard let moment = Timestamp(iso8601: text) else { throw NotATime(text: text) }
        return moment
    }

    struct NotATime: Error { var text: String }
}
