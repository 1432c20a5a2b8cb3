import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetPlugins

@Suite struct `What a guest is handed` {
    @Test func `is the stored form of zlib, byte by byte`() {
        let vector = "eAEBIQDe/3sicGF0aCI6ICIvcnVuL2ZyZXNoZXQvbWVzc2FnZXMifb2/C7M="
        #expect(PipesEncoding.encode(Array(#"{"path": "/run/freshet/messages"}"#.utf8)) == vector)
    }

    @Test(.enabled(if: Place.python != nil, "no Python"), arguments: [0, 1, 65_535, 65_536, 200_000])
    func `is read by Python, of any length`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
        let text = PipesEncoding.encode(bytes)
        let script =
            "import base64,zlib,sys; sys.stdout.buffer.write(zlib.decompress(base64.b64decode(sys.stdin.read())))"
        #expect(try Place.run([Place.python!, "-c", script], input: text) == Data(bytes))
    }

    @Test func `names assets with its escapes`() {
        #expect(PipesKey.text(of: "raw/orders") == "raw/orders")
        #expect(PipesKey.text(of: AssetKey(#"a\b/c"#)) == #"a\\b/c"#)
    }

    @Test func `has all ten members of a context, the last success among them`() throws {
        let previous = Materialization(
            asset: "m",
            version: "v",
            provenance: Provenance(codeVersion: "c1", inputs: [Input("raw/a"): "1"])
        )
        let plugin = try TestPlugin(program: "pass")
        let operation = PluginOperation(
            word: .materialize,
            entry: plugin.manifest.entries[0],
            settings: Settings(ConfigValue(.object([]), at: Origin(file: "x"))),
            asset: "m",
            run: "r1",
            retry: 2,
            previous: previous,
            codeVersion: "c2"
        )
        let context = operation.context(root: "/p")
        #expect(
            Set(context.object?.keys.map { $0 } ?? []) == [
                "asset_keys", "code_version_by_asset_key", "provenance_by_asset_key", "partition_key",
                "partition_key_range", "partition_time_window", "run_id", "job_name", "retry_number", "extras",
            ]
        )
        #expect(context["provenance_by_asset_key"]?["m"]?["input_data_versions"]?["raw/a"] == "1")
        #expect(context["code_version_by_asset_key"]?["m"] == "c2")
        #expect(context["retry_number"] == 2)
        #expect(context["extras"]?["freshet_operation"] == "materialize")
    }
}

@Suite struct `What a guest writes` {
    @Test func `may hold numbers that JSON has no notation for`() {
        let value = PipesJSON.parse(#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" Infinity"}"#)
        #expect(value == ["a": "NaN", "b": ["-Infinity", "Infinity"], "c": "NaN \" Infinity"])
    }

    @Test func `may hold half a pair of surrogates`() {
        #expect(PipesJSON.parse(#"{"a": "x\ud800y", "b": "\ud83d\ude00"}"#) == ["a": "x\u{FFFD}y", "b": "😀"])
    }

    @Test func `may hold whole numbers of any size`() {
        #expect(
            PipesJSON.parse(#"{"n": 123456789012345678901234567890}"#)?["n"]?.number == 1.2345678901234568e29
        )
    }

    @Test(arguments: ["", "{", "[1", "\"\\ud8", "\\", "{\"a\": \"\\u12", "Na", "-Inf"])
    func `that is cut anywhere is no message and no crash`(text: String) {
        #expect(PipesJSON.parse(text) == nil)
    }

    @Test func `cannot take over a terminal`() {
        let text = "\u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{07}x\u{08}\u{9B}y\tz"
        #expect(text.printable == "red x\u{FFFD}\u{FFFD}y\tz")
    }
}
