import Foundation
import Testing

@Suite struct Failpoints {
    /// Where the places of a group may stand.
    private static let homes = [
        "accept": "FreshetPowerBI", "adopt": "FreshetPowerBI", "cancel": "FreshetPowerBI", "config": "freshet",
        "intent": "FreshetPowerBI", "lock": "FreshetSQLite", "plan": "FreshetEngine", "poll": "FreshetPowerBI",
        "post": "FreshetPowerBI FreshetCurl", "run": "FreshetEngine", "shutdown": "FreshetEngine",
        "step": "FreshetEngine", "tick": "FreshetEngine", "trigger": "FreshetServer",
    ]

    private static func cases() throws -> [String] {
        let file = `The layers`.root.appending(path: "Sources/FreshetFailpoints/Failpoint.swift")
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.matches(of: /(?m)^ +case (\w+)$/).map { String($0.1) }
    }

    @Test func `stand at exactly one place each, in the target that does what they are named for`() throws {
        let targets = Set(Self.homes.values.flatMap { $0.split(separator: " ").map(String.init) })
        var places: [String: [String]] = [:]
        for target in targets {
            for file in try `The layers`.swiftFiles(in: target) {
                let text = try String(contentsOf: file, encoding: .utf8)
                guard text.contains("failpoint(") else { continue }
                for name in try Self.cases() {
                    let count = text.matches(of: try Regex("\\.\(name)\\b")).count
                    places[name, default: []] += Array(repeating: target, count: count)
                }
            }
        }
        #expect(try Self.cases().count > 30)
        for name in try Self.cases() {
            let group = String(name.prefix { $0.isLowercase })
            let found = places[name] ?? []
            #expect(found.count == 1, "\(name) stands in \(found)")
            let home = Self.homes[group]?.split(separator: " ").map(String.init) ?? []
            #expect(found.allSatisfy(home.contains), "\(name) stands in \(found)")
        }
    }

    @Test func `leave no trace in a normal build`() throws {
        let program = `The layers`.root.appending(path: ".build/debug/freshet")
        let bytes = try Data(contentsOf: program, options: .alwaysMapped)
        for word in ["post.before_connect", "FRESHET_FAILPOINTS", "Print the name of every place"] {
            #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
        }
        // What shows that the search finds what is there.
        #expect(bytes.range(of: Data("freshet emulator [options]".utf8)) != nil)
    }
}
