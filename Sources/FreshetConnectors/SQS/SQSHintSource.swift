private import FreshetCore
package import FreshetKit

/// A queue of Amazon SQS that S3, EventBridge or SNS puts events of a bucket into.
///
/// A message is deleted when the looks that it led to are committed, and comes again after `visibility_timeout`
/// otherwise. Two daemons that ask the same queue take messages from each other: give each a queue of its own.
package struct SQSHintSource: HintSource {
    package static let name = "sqs"
    package static let summary = "A queue of Amazon SQS with events of S3: what they name is looked at at once."
    package static let fields =
        [
            Field("queue_url", .text, required: true, "The queue's URL, as Amazon shows it."),
            Field("region", .text, default: "the queue's", "The region that requests are signed for."),
            Field(
                "endpoint",
                .text,
                default: "${env:AWS_ENDPOINT_URL_SQS}, else ${env:AWS_ENDPOINT_URL}, else the queue's host",
                "Another server than Amazon's, with scheme and port."
            ),
            Field(
                "visibility_timeout",
                .duration,
                default: "5m",
                "After what time a message whose looks are not committed comes again; 5m to 12h."
            ),
        ] + AWSCredentials.fields
    package static let examples = [
        "{queue_url: https://sqs.eu-central-1.amazonaws.com/123456789012/freshet-events}",
        """
        queue_url: http://127.0.0.1:5000/123456789012/events
        region: us-east-1
        visibility_timeout: 15m
        access_key_id: ${env:QUEUE_KEY}
        secret_access_key: ${secret:env/QUEUE_SECRET}
        """,
    ]

    private let queueURL: String
    private let region: String?
    private let endpoint: String?
    private let visibility: Duration
    private let credentials: AWSCredentials

    package init(from settings: Settings) throws(Diagnostic) {
        queueURL = try settings.requiredText("queue_url")
        guard queueURL.hasPrefix("https://") || queueURL.hasPrefix("http://") || queueURL.hasPrefix("${") else {
            throw Diagnostic(
                "'\(queueURL)' is not a queue's URL",
                at: settings.origin(of: "queue_url"),
                hint: "write it whole, such as https://sqs.eu-central-1.amazonaws.com/123456789012/freshet-events"
            )
        }
        region = try settings.text("region")
        endpoint = try AWSEndpoint.setting(in: settings)
        visibility = try settings.duration("visibility_timeout") ?? .seconds(300)
        // Looks are waited for up to four minutes: a message that came again before would be looked for twice.
        guard visibility >= .seconds(300), visibility <= .seconds(43_200) else {
            throw Diagnostic(
                "'visibility_timeout' has to be 5m to 12h",
                at: settings.origin(of: "visibility_timeout"),
                hint: "a look is waited for up to four minutes; leave it out for 5m"
            )
        }
        credentials = try AWSCredentials(from: settings)
    }

    package var label: String { "sqs/" + (queueURL.split(separator: "/").last.map(String.init) ?? queueURL) }

    package func receive(waiting patience: Duration, in context: ProbeContext) async throws -> [HintMessage] {
        // Longer than twenty seconds is refused.
        let wait = min(20, max(0, Int(patience.inSeconds)))
        let answer = try await ask(
            "ReceiveMessage",
            [
                "MaxNumberOfMessages": 10, "WaitTimeSeconds": .integer(Int64(wait)),
                "VisibilityTimeout": .integer(Int64(visibility.inSeconds)),
                "AttributeNames": ["ApproximateReceiveCount"],
                "MessageSystemAttributeNames": ["ApproximateReceiveCount"],
            ],
            timeout: .seconds(wait + 20),
            context.surroundings
        )
        return try (answer["Messages"]?.list ?? []).map { message in
            guard let receipt = message["ReceiptHandle"]?.text, let body = message["Body"]?.text else {
                throw SQSError.unreadable("a message lacks its body or receipt")
            }
            let receives = message["Attributes"]?["ApproximateReceiveCount"]?.text.flatMap { Int($0) } ?? 1
            return HintMessage(receipt: receipt, receives: receives, S3Event.read(body, source: label))
        }
    }

    package func acknowledge(_ messages: [HintMessage], in context: ProbeContext) async throws {
        var rest = messages[...]
        while !rest.isEmpty {
            let entries = rest.prefix(10).enumerated().map { index, message -> JSONValue in
                ["Id": .text(String(index)), "ReceiptHandle": .text(message.receipt)]
            }
            rest = rest.dropFirst(10)
            let answer = try await ask(
                "DeleteMessageBatch",
                ["Entries": .list(entries)],
                timeout: .seconds(30),
                context.surroundings
            )
            if let failed = answer["Failed"]?.list, !failed.isEmpty {
                throw SQSError.refused(
                    status: 200,
                    code: failed[0]["Code"]?.text ?? "unknown",
                    message: "\(failed.count) messages were not deleted"
                )
            }
        }
    }

    /// One action in the JSON protocol; once more with newer keys where these are not taken.
    ///
    /// - SeeAlso: Amazon SQS Developer Guide, "AWS JSON protocol".
    private func ask(
        _ action: String,
        _ parameters: [String: JSONValue],
        timeout: Duration,
        _ surroundings: Surroundings
    ) async throws -> JSONValue {
        let url = try await surroundings.secrets.resolve(queueURL)
        let region = try await signingRegion(of: url, surroundings)
        var server = AWSEndpoint.stated(for: "sqs", surroundings) ?? Self.origin(of: url)
        if let endpoint { server = try await surroundings.secrets.resolve(endpoint).withoutTrailingSlashes }
        let body = JSONValue.object(parameters.merging(["QueueUrl": .text(url)]) { _, new in new }).serialized()
        var used: AWSKey?
        while true {
            let key = try await credentials.key(region: region, surroundings)
            let request = Self.request(server, action, body, key, region, timeout)
            let response = try await surroundings.transport.send(request)
            // What cannot be read has nothing in it, which is said with the status.
            let answer = (try? JSONValue(parsing: response.body)) ?? .object([:])
            if response.status == 200 { return answer }
            let code = answer["__type"]?.text.map { String($0.split(separator: "#").last ?? "") } ?? ""
            if used == nil, Self.keyTroubles.contains(code) {
                used = key
                await credentials.refused(surroundings)
                if try await credentials.key(region: region, surroundings) != key { continue }
            }
            throw SQSError.refused(
                status: response.status,
                code: code.isEmpty ? String(response.status) : code,
                message: surroundings.redactor.redact(answer["message"]?.text ?? answer["Message"]?.text ?? "")
            )
        }
    }

    private static let keyTroubles: Set<String> = [
        "ExpiredTokenException", "InvalidClientTokenId", "InvalidSecurity", "InvalidSignatureException",
        "SignatureDoesNotMatch", "UnrecognizedClientException",
    ]

    private static func request(
        _ server: String,
        _ action: String,
        _ body: String,
        _ key: AWSKey,
        _ region: String,
        _ timeout: Duration
    ) -> HTTPRequest {
        let bytes = Array(body.utf8)
        var headers: HTTPHeaders = [
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.\(action)",
            "x-amz-content-sha256": SHA256.hexadecimal(of: bytes),
        ]
        if let token = key.sessionToken { headers["x-amz-security-token"] = token }
        return HTTPRequest(
            "POST",
            server + "/",
            headers: headers,
            body: bytes,
            timeout: timeout,
            signing: key.signing(region: region, service: "sqs"),
            maxBodySize: 16 << 20
        )
    }

    private func signingRegion(of url: String, _ surroundings: Surroundings) async throws -> String {
        if let region { return try await surroundings.secrets.resolve(region) }
        if let match = url.firstMatch(of: /:\/\/sqs\.([a-z0-9\-]+)\.amazonaws\.com/) { return String(match.1) }
        return try await credentials.region(surroundings) ?? "us-east-1"
    }

    /// Scheme, host and port.
    private static func origin(of url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound else { return url }
        return String(url[..<start] + url[start...].prefix { $0 != "/" })
    }
}

/// Why a queue did not do what it was asked.
package enum SQSError: Error, Hashable, Sendable, CustomStringConvertible {
    case refused(status: Int, code: String, message: String)
    case unreadable(String)

    package var description: String {
        switch self {
        case .refused(_, let code, _) where code.hasSuffix("QueueDoesNotExist") || code.hasSuffix("NonExistentQueue"):
            "there is no such queue; check 'queue_url' and the region"
        case .refused(let status, let code, let message) where code.contains("AccessDenied") || status == 403:
            "the queue refused (\(code): \(message)); allow sqs:ReceiveMessage and sqs:DeleteMessage, and check the keys"
        case .refused(let status, let code, let message): "the queue refused (\(status) \(code): \(message))"
        case .unreadable(let what): "the queue's answer cannot be read: \(what)"
        }
    }
}
