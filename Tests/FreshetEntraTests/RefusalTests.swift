import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEntra

struct `A refusal says what to do` {
    private static let application: KeyValuePairs<String, Stated> = [
        "tenant_id": "t", "client_id": "c", "client_secret": "${secret:keys/s}",
    ]

    private static func body(_ error: String, _ code: Int) -> String {
        let text = "AADSTS\(code): In Microsoft's words. Trace ID: 1 Correlation ID: 2 Timestamp: 3"
        return #"{"error":"\#(error)","error_description":"\#(text)","error_codes":[\#(code)]}"#
    }

    static let rows: [(status: Int, error: String, code: Int, words: String)] = [
        (401, "invalid_client", 7_000_215, "use the secret's value, not its id"),
        (401, "invalid_client", 7_000_222, "the client secret has expired; create a new one"),
        (400, "unauthorized_client", 700_016, "check client_id and tenant_id"),
        (400, "invalid_request", 90_002, "there is no such tenant; check tenant_id"),
        (400, "invalid_scope", 70_011, "the scope is not valid"),
        (400, "invalid_scope", 700_022, "name one resource and end in /.default"),
        (400, "invalid_scope", 700_023, "name one resource and end in /.default"),
        (400, "invalid_request", 50_194, "the tenant's own id or domain"),
        (400, "invalid_request", 9_001_023, "the tenant's own id or domain"),
        (400, "invalid_request", 90_124, "the tenant's own id or domain"),
        (400, "invalid_request", 90_130, "the tenant's own id or domain"),
        (400, "invalid_request", 70_021, "issuer, subject and audience"),
        (401, "invalid_client", 700_211, "in the same case"),
        (401, "invalid_client", 700_213, "in the same case"),
        (401, "invalid_client", 7_002_137, "takes some minutes"),
        (401, "invalid_client", 7_002_138, "takes some minutes"),
        (401, "invalid_client", 700_027, "upload its public part"),
        (401, "invalid_client", 700_024, "set the machine's clock right"),
        (400, "invalid_request", 7_000_216, "a credential is missing"),
        (401, "invalid_client", 7_000_218, "a credential is missing"),
        (400, "invalid_request", 900_144, "a credential is missing"),
        (400, "invalid_client", 700_025, "make it a confidential one"),
        (400, "unauthorized_client", 7_000_112, "enable its enterprise application"),
        (400, "unauthorized_client", 70_001, "enable its enterprise application"),
        (400, "invalid_resource", 500_011, "does not know the resource; check scope"),
        (400, "invalid_grant", 53_003, "Conditional Access"),
        (400, "invalid_grant", 530_032, "Conditional Access"),
        (400, "invalid_grant", 530_034, "Conditional Access"),
        (400, "invalid_grant", 530_035, "Conditional Access"),
        (400, "invalid_grant", 50_196, "asked too often"),
        (503, "temporarily_unavailable", 90_055, "is busy"),
        (401, "invalid_client", 50_012, "the client secret is wrong"),
        (400, "whatever", 12_345, "AADSTS12345: In Microsoft's words. (status 400)"),
    ]

    @Test(arguments: rows)
    func `in one sentence, by its number`(status: Int, error: String, code: Int, words: String) async throws {
        let scene = Scene()
        scene.refuse(status, Self.body(error, code))
        let tokens = try scene.tokens(Self.application)
        let refusal = await #expect(throws: EntraError.self) { try await tokens.get() }
        let text = refusal?.description ?? ""
        #expect(text.hasPrefix("sign-in refused: "))
        #expect(text.contains(words), "\(text)")
        #expect(text.contains("\(code)"))
        #expect(!text.contains("Trace ID"))
        #expect(!text.contains(". ") || code == 12_345, "more than one sentence: \(text)")
        #expect(refusal?.isTransient == [50_196, 90_055].contains(code))
    }

    @Test func `in every row there is`() {
        #expect(Set(EntraRefusal.mends.keys) == Set(Self.rows.map(\.code)).subtracting([12_345]))
    }

    @Test func `by the number that is known, where there are several`() async throws {
        let scene = Scene()
        scene.refuse(401, #"{"error":"invalid_client","error_description":"x","error_codes":[70002,50012]}"#)
        let tokens = try scene.tokens(Self.application)
        let refusal = await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(refusal?.description.hasSuffix("(AADSTS50012)") == true)
    }

    @Test func `without what it repeats of a secret`() async throws {
        var scene = Scene()
        scene.secrets = TableSecrets(["${secret:keys/s}": "hush-hush-hush"])
        let text = "AADSTS1: the secret hush-hush-hush is odd"
        scene.refuse(400, #"{"error":"invalid_request","error_description":"\#(text)","error_codes":[1]}"#)
        let tokens = try scene.tokens(Self.application)
        let refusal = await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(refusal?.description.contains("hush") == false)
    }
}

struct `A secret that was changed` {
    private static let fields: KeyValuePairs<String, Stated> = [
        "tenant_id": "t", "client_id": "c", "client_secret": "${secret:keys/s}",
    ]
    private static let refusal = #"{"error":"invalid_client","error_description":"x","error_codes":[7000222]}"#

    @Test func `is read again when the old one is refused, and tried once`() async throws {
        var scene = Scene()
        scene.secrets = TableSecrets(["${secret:keys/s}": "old-value"], later: ["${secret:keys/s}": "new-value"])
        scene.refuse(401, Self.refusal)
        scene.grant()
        #expect(try await scene.tokens(Self.fields).get() == "granted-token")
        #expect(scene.forms.map { $0["client_secret"] } == ["old-value", "new-value"])
        #expect(scene.secrets.forgotten.contains("${secret:keys/s}"))
    }

    @Test func `is tried once only, also when the new one is refused too`() async throws {
        var scene = Scene()
        scene.secrets = TableSecrets(["${secret:keys/s}": "old-value"], later: ["${secret:keys/s}": "new-value"])
        scene.refuse(401, Self.refusal)
        scene.refuse(401, Self.refusal)
        let tokens = try scene.tokens(Self.fields)
        await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(scene.transport.requests.count == 2)
    }

    @Test func `that is still the same is not sent again`() async throws {
        let scene = Scene()
        scene.refuse(401, Self.refusal)
        let tokens = try scene.tokens(Self.fields)
        await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(scene.transport.requests.count == 1)
    }

    @Test func `is not looked for when something else is wrong`() async throws {
        let scene = Scene()
        scene.refuse(400, #"{"error":"invalid_scope","error_description":"x","error_codes":[70011]}"#)
        let tokens = try scene.tokens(Self.fields)
        await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(scene.secrets.forgotten.isEmpty)
    }
}
