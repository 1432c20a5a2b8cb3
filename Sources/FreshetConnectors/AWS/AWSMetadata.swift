internal import FreshetCore
internal import FreshetKit

/// The keys that a platform gives to what runs on it: a container's role, a machine's role.
///
/// - SeeAlso: "Container credential provider" and "IMDS credential provider" of the AWS SDKs and Tools Reference Guide.
struct AWSMetadata: Sendable {
    var machine: AWSMachine

    private var surroundings: Surroundings { machine.surroundings }

    // MARK: Containers: ECS, and EKS with pod identities

    /// - Returns: `nil` where no container says where to ask.
    func containerKey() async throws(AWSKeyError) -> AWSKey? {
        let place = "the container's role"
        let url: String
        if let path = machine.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            url = "http://169.254.170.2" + path
        } else if let stated = machine.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            guard Self.isTrusted(stated) else {
                let reason =
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI leads neither to https nor to this host or its platform"
                throw .refused(by: place, reason: reason, isTransient: false)
            }
            url = stated
        } else {
            return nil
        }
        var headers: HTTPHeaders = [:]
        if let file = machine.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            do throws(SecretError) {
                let text = try await offPool { () throws(SecretError) in try SecretFile.read(file, isForAll: true).text
                }
                headers["Authorization"] = String(text.prefix { !$0.isNewline })
            } catch {
                throw .reference(error)
            }
        } else if let token = machine.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
            headers["Authorization"] = token
        }
        if let token = headers["Authorization"] { surroundings.redactor.learn(token) }
        let response = try await ask(place, HTTPRequest("GET", url, headers: headers))
        return try key(in: response, place)
    }

    /// Without encryption only where nobody can listen: on this host, or at the addresses of ECS and EKS.
    static func isTrusted(_ url: String) -> Bool {
        if url.hasPrefix("https://") { return true }
        guard url.hasPrefix("http://") else { return false }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else { return false }
        let host: Substring
        if authority.hasPrefix("[") {
            host = authority.dropFirst().prefix { $0 != "]" }
        } else {
            host = authority.prefix { $0 != ":" }
        }
        if host == "localhost" { return true }
        guard let address = AddressRange.address(String(host)) else { return false }
        return trusted.contains { $0.contains(address) }
    }

    private static let trusted = ["127.0.0.0/8", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
        .compactMap { AddressRange(parsing: $0) }

    // MARK: Machines: EC2, by version 2 of the service

    /// - Returns: `nil` where no such service answers, and where the machine has no role.
    func instanceKey() async throws(AWSKeyError) -> AWSKey? {
        guard machine.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
        let place = "the machine's role"
        var server = machine.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")?.withoutTrailingSlashes
        if server == nil, machine.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6" {
            server = "http://[fd00:ec2::254]"
        }
        let base = (server ?? "http://169.254.169.254") + "/latest/"
        let life: HTTPHeaders = ["X-aws-ec2-metadata-token-ttl-seconds": "21600"]
        let hello = HTTPRequest("PUT", base + "api/token", headers: life, timeout: .seconds(2))
        let session: HTTPResponse
        do throws(AWSKeyError) {
            session = try await ask(place, hello)
        } catch {
            // Nobody there: this is no such machine.
            return nil
        }
        guard session.status == 200 else {
            throw refusal(place, "the metadata service gives no session (\(session.status))", session.status)
        }
        let token = String(decoding: session.body, as: UTF8.self)
        surroundings.redactor.learn(token)
        let headers: HTTPHeaders = ["X-aws-ec2-metadata-token": token]
        let path = base + "meta-data/iam/security-credentials/"
        let roles = try await ask(place, HTTPRequest("GET", path, headers: headers))
        if roles.status == 404 { return nil }
        let name = String(decoding: roles.body, as: UTF8.self).prefix { !$0.isNewline }
        guard roles.status == 200, !name.isEmpty else {
            throw refusal(place, "the metadata service does not name it (\(roles.status))", roles.status)
        }
        let answer = HTTPRequest("GET", path + PercentEncoding.encode(String(name)), headers: headers)
        return try key(in: try await ask(place, answer), place)
    }

    // MARK: Both

    private func ask(_ place: String, _ request: HTTPRequest) async throws(AWSKeyError) -> HTTPResponse {
        var request = request
        request.timeout = min(request.timeout, .seconds(5))
        request.isDirect = true
        request.maxBodySize = 64 << 10
        do throws(HTTPError) {
            return try await surroundings.transport.send(request)
        } catch {
            throw .refused(by: place, reason: surroundings.redactor.redact(error.message), isTransient: true)
        }
    }

    private func key(in response: HTTPResponse, _ place: String) throws(AWSKeyError) -> AWSKey {
        // What cannot be read has nothing in it, which is said with the status.
        let answer = (try? JSONValue(parsing: response.body)) ?? .object([:])
        let code = answer["Code"]?.text ?? answer["code"]?.text ?? "Success"
        guard response.status == 200, code == "Success" else {
            let said = answer["Message"]?.text ?? answer["message"]?.text ?? ""
            let words = "no keys are given (\(response.status) \(code)\(said.isEmpty ? "" : ": \(said)"))"
            throw refusal(place, words, response.status)
        }
        guard let key = AWSKey(answer) else { throw refusal(place, "its answer cannot be read", response.status) }
        return key
    }

    private func refusal(_ place: String, _ reason: String, _ status: Int) -> AWSKeyError {
        let isTransient = status >= 500 || status == 429
        return .refused(by: place, reason: surroundings.redactor.redact(reason), isTransient: isTransient)
    }
}

extension AWSKey {
    /// As the metadata services and a `credential_process` write it; their word for the token differs.
    init?(_ answer: JSONValue) {
        guard let id = answer["AccessKeyId"]?.text, let secret = answer["SecretAccessKey"]?.text else { return nil }
        let end = answer["Expiration"]?.text
        self.init(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: answer["Token"]?.text ?? answer["SessionToken"]?.text,
            expiresAt: end.flatMap { Timestamp(iso8601: $0) }
        )
        if end != nil, expiresAt == nil { return nil }
    }
}
