import FreshetCore
import FreshetKit
import Testing

@testable import FreshetDefinitions

/// The section `server` of freshet.yaml.
struct ServerFieldsTests {
    private func server(_ text: String) throws -> TestProject {
        try TestProject(["freshet.yaml": "project: p\nvars: {id: abc}\nserver:\n\(text)\n"])
    }

    @Test func `keeps the provider's secret as a reference, and knows the rest`() throws {
        let text =
            "  oidc: {issuer: 'https://x.example', client_id: '${var:id}', client_secret: '${secret:env/S}', label: 'a$$b'}"
        let oidc = try #require(try server(text).load().project.server?.object("oidc"))
        #expect(try oidc.text("client_secret") == "${secret:env/S}")
        #expect(try oidc.text("client_id") == "abc")
        #expect(try oidc.text("label") == "a$b")
    }

    @Test(arguments: [
        ("  external_url: 'https://${secret:env/S}'", "a secret cannot stand here"),
        ("  oidc: {issuer: i, client_id: '${secret:env/S}'}", "a secret cannot stand here"),
        ("  oidc: {issuer: i, client_id: c, client_secret: plain}", "holds a secret in plain text"),
        ("  oidc: text", "'oidc' has to be"), ("  text", "'server' has to be"),
    ])
    func `takes a secret nowhere else, and no other form`(text: String, words: String) throws {
        let mistakes = try server(text).mistakes()
        #expect(mistakes.contains { $0.contains(words) }, "\(mistakes)")
    }
}
