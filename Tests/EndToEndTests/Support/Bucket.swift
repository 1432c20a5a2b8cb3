import Foundation
import Testing

/// One test's bucket on a server of moto's, with the project `objects` and an emulator.
struct Bucket: Sendable {
    let freshet: Project
    let emulator: Emulator
    private let server: Running
    private let endpoint: String

    private static let name = "lake"

    /// Opens one of moto's; or, strictly, the emulator's, which unlike moto checks signatures.
    static func open(isStrict: Bool = false) async throws -> Bucket {
        let python = try #require(Place.venv) + "/bin/python"
        let server = try Running([python, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], in: "/")
        let emulator = try await Emulator()
        var endpoint = try await eventually("moto's address") {
            (server.output + server.errors).firstMatch(of: #/http://127\.0\.0\.1:[0-9]+/#).map { String($0.0) }
        }
        var freshet = try Project("objects", with: emulator)
        freshet.environment["BUCKET"] = isStrict ? "dbt-artifacts" : name
        if isStrict { endpoint = emulator.ready["s3"]["endpoint"].text ?? "" }
        freshet.environment["BUCKET_ENDPOINT"] = endpoint
        freshet.environment["BUCKET_ACCESS_KEY_ID"] = emulator.ready["s3"]["access_key_id"].text
        freshet.environment["BUCKET_SECRET_ACCESS_KEY"] = emulator.ready["s3"]["secret_access_key"].text
        let bucket = Bucket(freshet: freshet, emulator: emulator, server: server, endpoint: endpoint)
        guard !isStrict else { return bucket }
        try await bucket.boto(
            "s3.create_bucket(Bucket='\(name)', CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'})"
        )
        try await bucket.putArtifacts(build: "zero")
        return bucket
    }

    func put(_ key: String, _ text: String) async throws {
        try await boto("s3.put_object(Bucket='\(Self.name)', Key=sys.argv[2], Body=sys.argv[3].encode())", key, text)
    }

    func delete(_ key: String) async throws {
        try await boto("s3.delete_object(Bucket='\(Self.name)', Key=sys.argv[2])", key)
    }

    /// What dbt leaves behind after it built the one node of this project.
    func putArtifacts(build: String, status: String = "success") async throws {
        let metadata =
            #""metadata": {"dbt_schema_version": "SCHEMA", "dbt_version": "1.10.0", "#
            + #""generated_at": "2026-05-04T01:00:00Z", "invocation_id": "\#(build)"}"#
        let node =
            #"{"resource_type": "model", "name": "fct_sales", "package_name": "retail", "#
            + #""unique_id": "model.retail.fct_sales", "schema": "analytics", "database": "one", "fqn": ["retail", "#
            + #""fct_sales"], "config": {"materialized": "table"}, "depends_on": {"nodes": []}}"#
        let schema = "https://schemas.getdbt.com/dbt/"
        try await put(
            "dbt/manifest.json",
            "{\(metadata.replacing("SCHEMA", with: schema + "manifest/v12.json")), "
                + #""nodes": {"model.retail.fct_sales": \#(node)}, "sources": {}, "exposures": {}}"#
        )
        let result =
            #"{"unique_id": "model.retail.fct_sales", "status": "\#(status)", "timing": [], "failures": null, "#
            + #""message": "as it was asked", "execution_time": 1.0, "thread_id": "1", "adapter_response": {}}"#
        try await put(
            "dbt/run_results.json",
            "{\(metadata.replacing("SCHEMA", with: schema + "run-results/v6.json")), "
                + #""results": [\#(result)], "elapsed_time": 1.0, "args": {"which": "build"}}"#
        )
    }

    /// What a plan says of an asset.
    func plan(_ asset: String) async throws -> JSON {
        try await freshet.ask("plan", asset)["steps"].first("asset", asset)
    }

    private func boto(_ statement: String, _ arguments: String...) async throws {
        let script = """
            import boto3, sys
            s3 = boto3.client('s3', endpoint_url=sys.argv[1], region_name='eu-central-1',
                              aws_access_key_id='id', aws_secret_access_key='secret')
            \(statement)
            """
        let python = try #require(Place.venv) + "/bin/python"
        try await Running([python, "-c", script, endpoint] + arguments, in: "/").ended().expect()
    }
}
