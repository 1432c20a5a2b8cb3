internal import FreshetCore
internal import FreshetEntra
internal import FreshetKit

/// A role to take on.
struct AWSRole: Sendable {
    var arn: String
    var externalID: String?
    var session: String?
    /// In seconds, as stated; the service's own default is an hour.
    var duration: String?
}

/// AWS Security Token Service: temporary keys of a role.
///
/// - SeeAlso: AWS Security Token Service API Reference, "AssumeRole" and "AssumeRoleWithWebIdentity".
struct AWSTokenService: Sendable {
    var surroundings: Surroundings
    var region: String

    /// Signed with keys that the role trusts.
    func assume(_ role: AWSRole, with key: AWSKey) async throws(AWSKeyError) -> AWSKey {
        var request = request(role, "AssumeRole", [("ExternalId", role.externalID)])
        request.signing = key.signing(region: region, service: "sts")
        request.headers["x-amz-content-sha256"] = SHA256.hexadecimal(of: request.body ?? [])
        if let token = key.sessionToken { request.headers["x-amz-security-token"] = token }
        return try await send(request, role, "AssumeRole")
    }

    /// With the token that a platform, such as Kubernetes, gives; signed by nobody.
    func assume(_ role: AWSRole, withWebIdentity token: String) async throws(AWSKeyError) -> AWSKey {
        let request = request(role, "AssumeRoleWithWebIdentity", [("WebIdentityToken", token)])
        return try await send(request, role, "AssumeRoleWithWebIdentity")
    }

    private func request(_ role: AWSRole, _ action: String, _ more: [(name: String, value: String?)]) -> HTTPRequest {
        let known: [(name: String, value: String?)] = [
            ("Action", action), ("Version", "2011-06-15"), ("RoleArn", role.arn),
            ("RoleSessionName", role.session ?? "freshet"), ("DurationSeconds", role.duration),
        ]
        let fields = (known + more).compactMap { field in field.value.map { (name: field.name, value: $0) } }
        let server = AWSEndpoint.stated(for: "sts", surroundings) ?? AWSEndpoint.url("sts", region)
        return HTTPRequest(
            "POST",
            server + "/",
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Array(FormEncoding.encode(fields).utf8),
            timeout: .seconds(20),
            maxBodySize: 1 << 20
        )
    }

    private func send(_ request: HTTPRequest, _ role: AWSRole, _ action: String) async throws(AWSKeyError) -> AWSKey {
        let place = "the role \(role.arn)"
        func refusal(_ reason: String, isTransient: Bool = false) -> AWSKeyError {
            .refused(by: place, reason: surroundings.redactor.redact(reason), isTransient: isTransient)
        }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await surroundings.transport.send(request)
        } catch {
            throw refusal("the token service did not answer: \(error.message)", isTransient: error.reason != .badURL)
        }
        // What cannot be read has nothing in it, which is said with the status.
        let document = try? XMLTree(parsing: response.body)
        guard response.status == 200 else {
            let error = document?["Error"]
            let code = error?["Code"]?.text ?? ""
            let said = error?["Message"]?.text ?? ""
            throw refusal(
                "\(action) was refused (\(response.status) \(code)\(said.isEmpty ? "" : ": \(said)"))",
                isTransient: response.status >= 500 || response.status == 429 || code == "IDPCommunicationError"
            )
        }
        let credentials = document?[action + "Result"]?["Credentials"]
        guard let id = credentials?["AccessKeyId"]?.text, let secret = credentials?["SecretAccessKey"]?.text,
            let token = credentials?["SessionToken"]?.text,
            let end = credentials?["Expiration"].flatMap({ Timestamp(iso8601: $0.text) })
        else { throw refusal("the token service's answer to \(action) cannot be read") }
        return AWSKey(accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiresAt: end)
    }
}

/// Where Amazon's services are.
enum AWSEndpoint {
    /// Scheme and host.
    static func url(_ service: String, _ region: String) -> String {
        "https://\(service).\(region).\(region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com")"
    }

    /// What `AWS_ENDPOINT_URL_<SERVICE>`, or for every service `AWS_ENDPOINT_URL`, says; without a slash at its end.
    ///
    /// - SeeAlso: "Service-specific endpoints" of the AWS SDKs and Tools Reference Guide.
    static func stated(for service: String, _ surroundings: Surroundings) -> String? {
        let secrets = surroundings.secrets
        guard secrets.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.lowercased() != "true" else { return nil }
        let name = "AWS_ENDPOINT_URL_" + service.uppercased().replacing(" ", with: "_")
        let stated = [name, "AWS_ENDPOINT_URL"].lazy.compactMap { secrets.variable($0) }.first { !$0.isEmpty }
        return stated?.withoutTrailingSlashes
    }

    /// The setting `endpoint`; what a reference stands for is not known before it is used.
    ///
    /// - Parameter settings: of a connection or a source.
    /// - Returns: `nil` where none is stated.
    /// - Throws: `Diagnostic` when it is not scheme, host and perhaps a port.
    static func setting(in settings: Settings) throws(Diagnostic) -> String? {
        guard let text = try settings.text("endpoint") else { return nil }
        guard isServer(text) else {
            // Credentials are written there by mistake, and a mistake is told to many.
            let shown = text.contains("@") ? "" : ": '\(text)'"
            throw Diagnostic(
                "'endpoint' is not the address of a server\(shown)",
                at: settings.origin(of: "endpoint"),
                hint: "write it with scheme and host, such as http://127.0.0.1:9000"
            )
        }
        return text
    }

    private static func isServer(_ text: String) -> Bool {
        if text.hasPrefix("${") { return true }
        guard let scheme = ["https://", "http://"].first(where: text.lowercased().hasPrefix) else { return false }
        let rest = text.dropFirst(scheme.count)
        if rest.contains("${") { return true }
        let place = rest.prefix { $0 != "/" }
        let host = place.hasPrefix("[") ? place.prefix { $0 != "]" } : place.prefix { $0 != ":" }
        var port = place.dropFirst(host.count)
        if port.hasPrefix("]") { port = port.dropFirst() }
        let isPort = port.isEmpty || port.hasPrefix(":") && UInt16(port.dropFirst()).map { $0 > 0 } == true
        return host.count > (host.hasPrefix("[") ? 1 : 0) && isPort && !rest.contains { " @?#\\".contains($0) }
    }
}
