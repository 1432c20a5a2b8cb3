internal import FreshetCore
internal import FreshetKit

/// What a message of S3 says, straight from it, by EventBridge, or wrapped by SNS.
///
/// - SeeAlso: Amazon S3 User Guide, "Event message structure" and "EventBridge event message structure"; Amazon SNS
///   Developer Guide, "Parsing message formats".
enum S3Event {
    /// SNS wraps once; anything deeper is nobody's.
    private static let mostWraps = 3

    static func read(_ body: String, source: String) -> HintMessage.Content {
        var text = body
        for _ in 0..<mostWraps {
            guard let document = try? JSONValue(parsing: text), document.object != nil else {
                return .malformed("it is not a JSON object")
            }
            if document["Type"]?.text == "Notification", let inner = document["Message"]?.text {
                text = inner
                continue
            }
            return read(document, source)
        }
        return .malformed("it is wrapped too often")
    }

    private static func read(_ document: JSONValue, _ source: String) -> HintMessage.Content {
        // What S3 sends when notifications are set up.
        if document["Event"]?.text == "s3:TestEvent" { return .hints([]) }
        if let detail = document["detail"], document["detail-type"] != nil {
            guard document["source"]?.text == "aws.s3" else { return .hints([]) }
            guard let bucket = detail["bucket"]?["name"]?.text, let key = detail["object"]?["key"]?.text else {
                return .malformed("the event of EventBridge names no bucket and object")
            }
            // Here, and only here, the key is not encoded.
            return .hints([hint(bucket, key, document["detail-type"]?.text, source)])
        }
        guard let records = document["Records"]?.list else { return .malformed("it is not an event of S3") }
        var hints: [Hint] = []
        for record in records {
            guard let bucket = record["s3"]?["bucket"]?["name"]?.text,
                let key = record["s3"]?["object"]?["key"]?.text
            else { return .malformed("a record of it names no bucket and object") }
            hints.append(hint(bucket, PercentEncoding.decode(key), record["eventName"]?.text, source))
        }
        return .hints(hints)
    }

    private static func hint(_ bucket: String, _ key: String, _ event: String?, _ source: String) -> Hint {
        Hint(.object(bucket: bucket, key: key), event: event ?? "", source: source)
    }
}
