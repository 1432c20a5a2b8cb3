/// Why S3 answers with an error.
enum S3Error: Error, Hashable, Sendable {
    case accessDenied(String)
    case badDigest(String)
    case bucketAlreadyOwnedByYou(String)
    case bucketNotEmpty(String)
    case contentSHA256Mismatch
    case incompleteBody(String)
    case invalidAccessKeyID(String)
    case invalidArgument(String)
    case invalidBucketName(String)
    case invalidPart
    case invalidPartOrder
    case invalidRange
    case malformedAuthorization(String)
    case malformedXML
    case methodNotAllowed
    case noSuchBucket(String)
    case noSuchKey(String)
    case noSuchUpload
    case noSuchVersion(String)
    case notImplemented(String)
    case preconditionFailed(String)
    case requestTimeTooSkewed
    /// - Parameters: what the emulator signed, as S3 tells it too; the quickest way to a client's mistake.
    case signatureDoesNotMatch(canonicalRequest: String, stringToSign: String)

    var code: String {
        switch self {
        case .accessDenied: "AccessDenied"
        case .badDigest: "BadDigest"
        case .bucketAlreadyOwnedByYou: "BucketAlreadyOwnedByYou"
        case .bucketNotEmpty: "BucketNotEmpty"
        case .contentSHA256Mismatch: "XAmzContentSHA256Mismatch"
        case .incompleteBody: "IncompleteBody"
        case .invalidAccessKeyID: "InvalidAccessKeyId"
        case .invalidArgument: "InvalidArgument"
        case .invalidBucketName: "InvalidBucketName"
        case .invalidPart: "InvalidPart"
        case .invalidPartOrder: "InvalidPartOrder"
        case .invalidRange: "InvalidRange"
        case .malformedAuthorization: "AuthorizationHeaderMalformed"
        case .malformedXML: "MalformedXML"
        case .methodNotAllowed: "MethodNotAllowed"
        case .noSuchBucket: "NoSuchBucket"
        case .noSuchKey: "NoSuchKey"
        case .noSuchUpload: "NoSuchUpload"
        case .noSuchVersion: "NoSuchVersion"
        case .notImplemented: "NotImplemented"
        case .preconditionFailed: "PreconditionFailed"
        case .requestTimeTooSkewed: "RequestTimeTooSkewed"
        case .signatureDoesNotMatch: "SignatureDoesNotMatch"
        }
    }

    var status: Int {
        switch self {
        case .badDigest, .contentSHA256Mismatch, .incompleteBody, .invalidArgument, .invalidBucketName: 400
        case .invalidPart, .invalidPartOrder, .malformedAuthorization, .malformedXML: 400
        case .accessDenied, .invalidAccessKeyID, .requestTimeTooSkewed, .signatureDoesNotMatch: 403
        case .noSuchBucket, .noSuchKey, .noSuchUpload, .noSuchVersion: 404
        case .methodNotAllowed: 405
        case .bucketAlreadyOwnedByYou, .bucketNotEmpty: 409
        case .preconditionFailed: 412
        case .invalidRange: 416
        case .notImplemented: 501
        }
    }

    var message: String {
        switch self {
        case .accessDenied(let reason): reason
        case .badDigest(let reason): reason
        case .bucketAlreadyOwnedByYou:
            "Your previous request to create the named bucket succeeded and you already own it."
        case .bucketNotEmpty: "The bucket you tried to delete is not empty"
        case .contentSHA256Mismatch: "The provided 'x-amz-content-sha256' header does not match what was computed."
        case .incompleteBody(let reason): reason
        case .invalidAccessKeyID: "The AWS Access Key Id you provided does not exist in our records."
        case .invalidArgument(let reason): reason
        case .invalidBucketName: "The specified bucket is not valid."
        case .invalidPart: "One or more of the specified parts could not be found."
        case .invalidPartOrder: "The list of parts was not in ascending order."
        case .invalidRange: "The requested range is not satisfiable"
        case .malformedAuthorization(let reason): reason
        case .malformedXML: "The XML you provided was not well-formed."
        case .methodNotAllowed: "The specified method is not allowed against this resource."
        case .noSuchBucket: "The specified bucket does not exist"
        case .noSuchKey: "The specified key does not exist."
        case .noSuchUpload: "The specified upload does not exist."
        case .noSuchVersion: "The specified version does not exist."
        case .notImplemented(let what):
            "A header or query you provided implies functionality that is not implemented: \(what)"
        case .preconditionFailed: "At least one of the pre-conditions you specified did not hold"
        case .requestTimeTooSkewed: "The difference between the request time and the current time is too large."
        case .signatureDoesNotMatch:
            "The request signature we calculated does not match the signature you provided. "
                + "Check your key and signing method."
        }
    }

    /// The members that only this error carries.
    private var details: [XML] {
        switch self {
        case .bucketAlreadyOwnedByYou(let bucket), .bucketNotEmpty(let bucket), .noSuchBucket(let bucket):
            [XML("BucketName", bucket)]
        case .invalidAccessKeyID(let id): [XML("AWSAccessKeyId", id)]
        case .noSuchKey(let key): [XML("Key", key)]
        case .preconditionFailed(let condition): [XML("Condition", condition)]
        case .signatureDoesNotMatch(let canonicalRequest, let stringToSign):
            [XML("StringToSign", stringToSign), XML("CanonicalRequest", canonicalRequest)]
        default: []
        }
    }

    func reply(resource: String, requestID: String) -> Reply {
        let document = XML(
            "Error",
            [XML("Code", code), XML("Message", message)] + details
                + [XML("Resource", resource), XML("RequestId", requestID), XML("HostId", "emulator")]
        )
        return Reply(status, headers: [("Content-Type", "application/xml")], body: document.document)
    }
}
