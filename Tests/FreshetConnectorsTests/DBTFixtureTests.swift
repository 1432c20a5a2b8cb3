import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

/// The files that many versions of dbt have written, where there are any.
private let folder = ProcessInfo.processInfo.environment["FRESHET_FIXTURES"].flatMap { $0.isEmpty ? nil : $0 + "/dbt" }

/// The JSON files of dbt under the folder whose schema is of this kind, by path.
private func documents(_ kind: String) throws -> [(path: String, version: String, bytes: [UInt8])] {
    let root = try #require(folder)
    let files = try #require(FileManager.default.enumerator(atPath: root))
    var found: [(path: String, version: String, bytes: [UInt8])] = []
    for case let path as String in files where path.hasSuffix(".json") && !path.hasPrefix("json-schemas/") {
        let data = try Data(contentsOf: URL(fileURLWithPath: root + "/" + path))
        let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        let metadata = object?["metadata"] as? [String: Any]
        let schema = (metadata?["dbt_schema_version"] as? String ?? "").split(separator: "/").suffix(2)
        guard schema.first.map(String.init) == kind, let version = schema.last else { continue }
        found.append((path, String(version), Array(data)))
    }
    return found
}

@Suite(.enabled(if: folder != nil))
struct `Files of many versions of dbt are read` {
    @Test func `manifests 2 to 12`() throws {
        var versions: Set<String> = []
        for (path, version, bytes) in try documents("manifest") {
            versions.insert(version)
            let project = DBTProject(try DBTManifest(parsing: bytes, named: path))
            let all = project.specs(prefix: "dbt/x/")
            let specs = all.filter { $0.labels.kind != "dbt.test" && $0.labels.kind != "dbt.exposure" }
            // What a plain reader of the whole document counts.
            let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            let nodes = try #require(object["nodes"] as? [String: [String: Any]])
            let tables = nodes.values.filter { node in
                let config = node["config"] as? [String: Any]
                return ["model", "seed", "snapshot"].contains(node["resource_type"] as? String)
                    && config?["materialized"] as? String != "ephemeral"
            }
            let sources = object["sources"] as? [String: Any] ?? [:]
            // One sample has words in place of its ids.
            let expected = nodes["sample_node"] == nil ? tables.count + sources.count : 0
            #expect(specs.count == expected, "\(path)")
            let tests = nodes.values.count { node in
                let config = node["config"] as? [String: Any]
                return node["resource_type"] as? String == "test" && config?["enabled"] as? Bool != false
            }
            let exposures = object["exposures"] as? [String: Any] ?? [:]
            #expect(all.count == specs.count + tests + exposures.count, "\(path)")
            let keys = Set(all.map(\.key))
            #expect(keys.count == all.count, "\(path)")
            #expect(all.allSatisfy { $0.dependencies.allSatisfy(keys.contains) }, "\(path)")
            // The same, read in small pieces.
            var reader = DBTManifestReader(named: path)
            for start in stride(from: 0, to: bytes.count, by: 4099) {
                try reader.read(Array(bytes[start..<min(start + 4099, bytes.count)]))
            }
            #expect(DBTProject(try reader.finish()).specs(prefix: "dbt/x/") == all, "\(path)")
        }
        #expect(versions.isSuperset(of: (2...12).map { "v\($0).json" }))
    }

    @Test func `results 1 to 6`() async throws {
        var versions: Set<String> = []
        for (path, version, bytes) in try documents("run-results") {
            versions.insert(version)
            let world = try DBTWorld()
            world.artifacts.put(DBTWorld.resultsKey, bytes)
            let reading = try await world.tick()
            let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            let which = (object["args"] as? [String: Any])?["which"] as? String
            let results = try #require(object["results"] as? [[String: Any]])
            let nodes = results.filter { result in
                let id = result["unique_id"] as? String ?? ""
                return ["model.", "seed.", "snapshot."].contains { id.hasPrefix($0) }
            }
            let expected = ["run", "build", "seed", "snapshot", "retry", "clone"].contains(which) ? nodes.count : 0
            #expect(reading.observations.count == expected, "\(path)")
        }
        #expect(versions.isSuperset(of: (1...6).map { "v\($0).json" }))
    }

    private func world(_ place: String) throws -> DBTWorld {
        let world = try DBTWorld()
        let root = try #require(folder)
        for (key, file) in [(DBTWorld.manifestKey, "manifest.json"), (DBTWorld.resultsKey, "run_results.json")] {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(place)/\(file)"))
            world.artifacts.put(key, Array(data))
        }
        return world
    }

    @Test func `a failure and what it held up`() async throws {
        let reading = try await world("openlineage/fail/target").tick()
        let failed = try #require(reading["test_second_parallel_dbt_model"])
        #expect(failed.health == .failed)
        #expect(failed.message?.hasPrefix("Database Error in model test_second_parallel_dbt_model") == true)
        let skipped = try #require(reading["test_third_dbt_model"])
        #expect(skipped.health == .failed)
        #expect(skipped.message == "skipped by dbt because an upstream node failed")
        #expect(reading["test_first_dbt_model"]?.health == .ok)
        #expect(reading.message == "`dbt run` named 4 nodes: 2 built, 2 failed or skipped, 0 as before")
    }

    @Test func `a snapshot on PostgreSQL that closes deleted rows, which it does not count`() async throws {
        let world = try world("openlineage/snapshot/target")
        let first = try #require(try await world.tick()["orders_snapshot"])
        #expect(first.version == .known("69c7b548-c6fd-4a70-87b8-9f111378149b"))
        world.run("later", which: "snapshot", .rows("0", code: "INSERT", "snapshot.snapshot_test.orders_snapshot"))
        #expect(try await world.tick()["orders_snapshot"]?.version == .known("later"))
    }

    @Test func `views on PostgreSQL, whose count of rows is below zero`() async throws {
        let reading = try await world("openlineage/postgres/target").tick()
        #expect(reading["stg_orders"]?.values["rows_affected"] == .integer(-1))
        #expect(reading["stg_orders"]?.health == .ok)
    }
}
