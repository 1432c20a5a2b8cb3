import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetDefinitions

/// The section `secrets` of freshet.yaml.
struct SecretBackendTests {
    private func project(_ more: String) throws -> TestProject {
        try TestProject([
            "freshet.yaml": """
            project: p
            vars: {place: north}
            secrets:
              keys: {kind: vault, address: "https://${var:place}.example.com", token: "${secret:file/t}"}
            environments:
              dev: {secrets: {keys: {cache: 10s}}}
            connections:
              powerbi: {kind: powerbi, tenant_id: t, client_id: c, client_secret: "\(more)"}
            """
        ])
    }

    @Test func `the secret of an identity provider is a reference, and nothing else`() throws {
        func server(_ secret: String) throws -> TestProject {
            let oidc = "{issuer: \"https://login.example.com\", client_id: c, client_secret: \"\(secret)\"}"
            return try TestProject(["freshet.yaml": "project: p\nserver:\n  oidc: \(oidc)\n"])
        }
        let stated = try server("${secret:env/OIDC_SECRET}").load().project.server
        #expect(try stated?.object("oidc").text("client_secret") == "${secret:env/OIDC_SECRET}")
        #expect(throws: LoadError.self) { try server("hunter2").load() }
    }

    @Test func `a backend is declared, and merged with what the environment says`() throws {
        let backend = try #require(try project("${secret:keys/a}").load().project.secretBackends.first)
        #expect(backend.name == "keys")
        #expect(backend.type.name == "vault")
        #expect(backend.cache == .seconds(300))
        #expect(try backend.settings.text("address") == "https://north.example.com")
        #expect(try backend.settings.text("token") == "${secret:file/t}")
        let other = try project("${secret:keys/a}").load(environment: "dev").project.secretBackends.first
        #expect(other?.cache == .seconds(10))
    }

    @Test(arguments: [
        "${secret:keys/a}", "${secret:keys/a/b#c}", "${secret:keys/a#c@3}", "${secret:keys/a@3}", "${secret:systemd/a}",
        "${secret:file/a@b}",
    ])
    func `a connection refers to it`(_ reference: String) throws {
        let connection = try project(reference).load().project.connections.first
        #expect(try connection?.settings.text("client_secret") == reference)
    }

    @Test(arguments: [
        "${secret:keys/}", "${secret:keys/a@}", "${secret:keys/a#}", "${secret:keys/a@3#c}", "${secret:key/a}",
    ])
    func `a reference without one of its parts, or to nobody, is a mistake`(_ reference: String) throws {
        let found = try project(reference).mistakes()
        #expect(found.count == 1)
        #expect(found.first?.contains(reference) == true, "\(found)")
    }

    @Test func `the listing shows references and what nobody stated`() throws {
        let backend = try #require(try project("${secret:keys/a}").load().project.secretBackends.first)
        let rows = ConfigListing(backend).rows
        #expect(rows.first { $0.path == "token" }?.value == "${secret:file/t}")
        #expect(rows.first { $0.path == "cache" }?.layer == "built in")
    }

    @Test func `the schema knows its fields`() throws {
        let schema = JSONSchema.document(catalog: StandIns.catalog)
        let properties = schema["$defs"]?["secrets.vault"]?["properties"]
        #expect(properties?["address"] != nil)
        #expect(properties?["cache"] != nil)
        #expect(schema["$defs"]?["project"]?["properties"]?["secrets"] != nil)
    }
}
