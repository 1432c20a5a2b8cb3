import Foundation
import FreshetCore
import Testing

@testable import FreshetServer

@Suite struct `The route table` {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    private static func contract() throws -> [String: String] {
        let data = try Data(contentsOf: root.appending(path: "docs/api/openapi.json"))
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        var found: [String: String] = [:]
        for (path, item) in paths {
            for (method, operation) in item {
                let access = (operation as? [String: Any])?["x-access"] as? String
                found["\(method.uppercased()) \(path)"] = access
            }
        }
        return found
    }

    /// What the gate's own resources and the receiver of hooks answer.
    private static func isElsewhere(_ name: String) -> Bool {
        let paths = ["/api/v1/session", "/api/v1/sessions", "/api/v1/users", "/api/v1/tokens", "/api/v1/login"]
        let path = name.split(separator: " ").last.map(String.init) ?? ""
        return paths.contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    @Test func `asks for what the contract says of each operation`() throws {
        let contract = try Self.contract()
        let table = Dictionary(uniqueKeysWithValues: RouteTable.all.map { ("\($0.method) \($0.template.text)", $0) })
        for (name, access) in contract where !Self.isElsewhere(name) {
            #expect(table[name]?.access.word == access, "\(name)")
        }
    }

    @Test func `has nothing that the contract does not know but the pages and the command line's own`() throws {
        let contract = try Self.contract()
        for route in RouteTable.all where contract["\(route.method) \(route.template.text)"] == nil {
            let isPage = route.method == "GET" && !route.template.text.hasPrefix("/api") && route.access == .public
            #expect(isPage || route.access == .socket, "\(route.method) \(route.template.text)")
        }
    }

    @Test func `names each operation once`() {
        let names = RouteTable.all.map(\.operation)
        #expect(Set(names).count == names.count)
    }

    @Test func `serves every file of the pages, and no other`() throws {
        let web = Self.root.appending(path: "web")
        let files = try FileManager.default.subpathsOfDirectory(atPath: web.path()).filter { name in
            ["js", "css", "svg"].contains(URL(filePath: name).pathExtension) && !name.hasPrefix("dev/")
        }
        let served = RouteTable.all.filter { $0.operation.hasPrefix("file:") }.map {
            String($0.template.text.dropFirst())
        }
        #expect(Set(served) == Set(files))
    }
}

@Suite struct `A path template` {
    private func match(_ template: String, _ path: String) -> [String: String]? {
        PathTemplate(template).match(path.split(separator: "/", omittingEmptySubsequences: false))
    }

    @Test func `takes a name for one segment, decoded once`() {
        #expect(match("/runs/{run}/log", "/runs/abc/log") == ["run": "abc"])
        #expect(match("/runs/{run}/log", "/runs/a%62c/log") == ["run": "abc"])
        #expect(match("/runs/{run}/log", "/runs/%2562/log") == ["run": "%62"])
        #expect(match("/badges/{asset}.svg", "/badges/a:b.svg") == ["asset": "a:b"])
    }

    @Test(arguments: [
        "/runs/abc/log/", "/runs//log", "//runs/abc/log", "/runs/abc%2Flog", "/runs/a%2Fb/log", "/runs/a%00b/log",
        "/runs/a%/log", "/runs/%ff/log", "/RUNS/abc/log", "/runs/abc/lo%67", "/runs/abc", "/x/runs/abc/log",
    ])
    func `does not take what was sent otherwise`(path: String) {
        #expect(match("/runs/{run}/log", path) == nil)
    }
}

@Suite struct `A cursor` {
    @Test(arguments: ["", "a", "ab", "abc", "powerbi/größe/1", "9223372036854775807"])
    func `comes back as it was given`(place: String) throws {
        let query = try Query("cursor=" + Cursor.text("list", place))
        #expect(try Cursor.place("list", in: query) == place)
    }

    @Test func `of another list is refused`() throws {
        let query = try Query("cursor=" + Cursor.text("runs", "5"))
        #expect(throws: Problem.self) { try Cursor.place("ticks", in: query) }
        #expect(throws: Problem.self) { try Cursor.place("ticks", in: Query("cursor=%21%21")) }
    }
}

@Suite struct `A query` {
    @Test func `is decoded, and has each name once`() throws {
        let query = try Query("a=1%202&b=x+y&c")
        #expect(query["a"] == "1 2")
        #expect(query["b"] == "x y")
        #expect(query["c"] == "")
        #expect(throws: Problem.self) { try Query("a=1&a=2") }
        #expect(throws: Problem.self) { try Query("a=%zz") }
    }
}

@Suite struct `An entity tag` {
    @Test func `is found in each form of the header`() {
        let tag = Tag.of([1, 2, 3])
        for header in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] { #expect(Tag.isNamed(tag, in: header)) }
        for header in ["", "\"x\"", "x\(tag)"] { #expect(!Tag.isNamed(tag, in: header)) }
    }

    @Test func `tells states apart`() {
        #expect(Set((0..<1000).map { Tag.of(Array("state \($0)".utf8)) }).count == 1000)
    }
}

@Suite struct `The differences of two texts` {
    @Test func `stand in hunks with three lines around them`() throws {
        let old = (1...20).map { "line \($0)" }
        var new = old
        new[9] = "another"
        let diff = LineDiff(from: old.joined(separator: "\n") + "\n", to: new.joined(separator: "\n") + "\n")
        let hunk = try #require(diff.hunks.first)
        #expect(diff.hunks.count == 1)
        #expect(hunk["header"]?.text == "@@ -7,7 +7,7 @@")
        let kinds = hunk["lines"]?.list?.compactMap { $0["kind"]?.text } ?? []
        #expect(kinds == ["same", "same", "same", "removed", "added", "same", "same", "same"])
    }

    @Test func `of equal texts are none`() { #expect(LineDiff(from: "a\nb\n", to: "a\nb\n").hunks.isEmpty) }
}
