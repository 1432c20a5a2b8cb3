import Foundation
import Testing

@testable import FreshetConnectors

struct `A JSON object is taken apart piece by piece` {
    private func members(_ text: String, size: Int) throws -> [String] {
        var reader = JSONMembers { section in
            switch section {
            case "whole": .value
            case "some": .members { $0.hasPrefix("a") }
            default: .nothing
            }
        }
        var found: [String] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try reader.read(Array(bytes[start..<min(start + size, bytes.count)])) { member in
                found.append("\(member.section)/\(member.name ?? "-")=\(String(decoding: member.bytes, as: UTF8.self))")
            }
        }
        try reader.finish()
        return found
    }

    private static let document = #"""
         { "skipped" : {"a": [1, "}\"", {"b": null}]}, "whole": {"x": "\\", "y": [1]},
           "some": {"a1": {"n": 1}, "b": {"a": 2}, "a2": [ "]" ], "a\u0033": true , "a4": -1.5e3},
           "other": 1, "empty": {}, "text": "\u007b" }
        """#

    @Test(arguments: [1, 2, 3, 7, 64, 100_000])
    func `whatever the size of the pieces`(_ size: Int) throws {
        #expect(
            try members(Self.document, size: size) == [
                #"whole/-={"x": "\\", "y": [1]}"#, #"some/a1={"n": 1}"#, #"some/a2=[ "]" ]"#, "some/a3=true",
                "some/a4=-1.5e3",
            ]
        )
    }

    @Test func `and no beginning of it passes for the whole`() {
        let bytes = Array(Self.document.utf8)
        for count in 0..<(bytes.count - 1) {
            let text = String(decoding: bytes[..<count], as: UTF8.self)
            #expect(throws: JSONMembers.Failure.self) { try members(text, size: 16) }
        }
    }

    @Test(arguments: [
        ("", JSONMembers.Failure.empty), (" \n", .empty), ("[]", .noObject), ("{} x", .malformed(offset: 0)),
        ("{\"a\" 1}", .malformed(offset: 0)), ("{\"a\": 1,}", .malformed(offset: 0)), ("{a: 1}", .malformed(offset: 0)),
    ])
    func `what is no object is refused`(_ text: String, _ failure: JSONMembers.Failure) {
        #expect(throws: failure) { try members(text, size: 64) }
    }

    @Test func `what is not an object has no members`() throws {
        #expect(try members(#"{"some": null, "whole": null}"#, size: 64) == ["whole/-=null"])
    }
}

struct `A pattern stands for keys` {
    @Test(arguments: [
        ("prod/*/run_results.json", "prod/2026-11-20/run_results.json", true),
        ("prod/*/run_results.json", "prod/a/b/run_results.json", false),
        ("prod/**/run_results.json", "prod/a/b/run_results.json", true),
        ("prod/run_results*.json", "prod/run_results.json", true),
        ("prod/run_results*.json", "prod/run_results_2.json.tmp", false),
        ("r?n", "run", true), ("r?n", "r/n", false), ("*", "a", true), ("*", "a/b", false), ("**", "a/b", true),
        ("a*b*c", "axxbxbc", true), ("a*b*c", "axxbxb", false), ("x**y*.json", "x_a/y_b/y.json", true),
        ("", "a", false),
    ])
    func `with stars and question marks`(_ pattern: String, _ key: String, _ fits: Bool) {
        #expect(ArtifactPattern(pattern).matches(key) == fits)
    }

    @Test func `and begins with what is before them`() {
        #expect(ArtifactPattern("prod/run_*/x.json").prefix == "prod/run_")
        #expect(ArtifactPattern("prod/x.json").isPattern == false)
    }
}

struct `The name of a table is read in each adapter's quotes` {
    @Test(arguments: [
        (#""db"."s"."t""#, #""db"."s"."t""#), ("`cat`.`s`.`t`", #""cat"."s"."t""#), ("`cat.s.t`", #""cat"."s"."t""#),
        ("[db].[s].[t]", #""db"."s"."t""#), ("db.s.t", #""db"."s"."t""#), (#""s"."a""b.c""#, #""s"."a""b.c""#),
        (#""main"."t""#, #""main"."t""#),
    ])
    func `and written in the standard's`(_ given: String, _ wanted: String) {
        #expect(DBTRelation(given)?.quoted == wanted)
    }

    @Test(arguments: ["", "a..b", "a.b.c.d", "\"\"", "a.", "\"a\"b"])
    func `or is none`(_ given: String) {
        #expect(DBTRelation(given) == nil)
    }
}
