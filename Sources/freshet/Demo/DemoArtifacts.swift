import FreshetConnectors
import FreshetCore
import FreshetKit

/// What dbt leaves behind after a run, put where Freshet looks for it.
struct DemoArtifacts {
    private let bucket: S3Connection
    /// The names of the models that dbt builds.
    var nodes = DemoWarehouse.tables.map(\.name)

    init(_ bucket: S3Connection) { self.bucket = bucket }

    /// - Parameters:
    ///   - invocation: the run's id; dbt makes a new one for each run.
    ///   - failed: the nodes that ended in error.
    /// - Throws: ``S3Error``.
    func land(_ invocation: String, failed: Set<String> = []) async throws {
        try await put("prod/manifest.json", manifest(invocation))
        try await put("prod/run_results.json", results(invocation, failed))
    }

    private func put(_ key: String, _ document: JSONValue) async throws {
        try await bucket.upload(key, Array(document.serialized().utf8))
    }

    private func manifest(_ invocation: String) -> JSONValue {
        var entries: [String: JSONValue] = [:]
        for name in nodes {
            entries["model.retail.\(name)"] = [
                "resource_type": "model", "name": .text(name), "package_name": "retail",
                "unique_id": .text("model.retail.\(name)"), "schema": "analytics", "database": "retail",
                "fqn": ["retail", .text(name)], "tags": [], "config": ["materialized": "table"],
                "depends_on": ["nodes": []],
            ]
        }
        return [
            "metadata": [
                "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.10.0",
                "invocation_id": .text(invocation), "project_name": "retail", "adapter_type": "sqlite",
            ],
            "nodes": .object(entries), "sources": [:], "exposures": [:],
        ]
    }

    private func results(_ invocation: String, _ failed: Set<String>) -> JSONValue {
        let results: [JSONValue] = nodes.map { name in
            [
                "unique_id": .text("model.retail.\(name)"),
                "status": failed.contains(name) ? "error" : "success",
                "message": .text(
                    failed.contains(name) ? "Database Error in model \(name): division by zero" : "SELECT"
                ),
                "execution_time": .number(1.5), "thread_id": "Thread-1", "timing": [],
                "adapter_response": ["_message": "OK"], "failures": .null,
            ]
        }
        return [
            "metadata": [
                "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "dbt_version": "1.10.0",
                "invocation_id": .text(invocation),
            ],
            "args": ["which": "build"], "elapsed_time": .number(6), "results": .list(results),
        ]
    }
}
