/// An S3 operation, path style.
enum S3Route: Hashable, Sendable {
    case listBuckets
    case createBucket(String)
    case deleteBucket(String)
    case headBucket(String)
    case location(String)
    case getVersioning(String)
    case putVersioning(String)
    /// - Parameter version: 1 or 2 of ListObjects.
    case list(String, version: Int)
    case put(String, ObjectKey)
    case get(String, ObjectKey)
    case head(String, ObjectKey)
    case delete(String, ObjectKey)
    case deleteObjects(String)
    case startUpload(String, ObjectKey)
    case putPart(String, ObjectKey, upload: String, number: Int)
    case completeUpload(String, ObjectKey, upload: String)
    case abortUpload(String, ObjectKey, upload: String)
    /// Something S3 has and the emulator has not.
    case unsupported(String)

    init(_ call: Call) {
        let path = call.path.drop { $0 == "/" }
        let bucket = Percent.decodedText(path.prefix { $0 != "/" })
        let key = ObjectKey(Percent.decoded(path.drop { $0 != "/" }.dropFirst()))
        if bucket.isEmpty {
            self = call.method == "GET" ? .listBuckets : .unsupported(call.method)
        } else if key.bytes.isEmpty {
            self = S3Route.onBucket(bucket, call)
        } else {
            self = S3Route.onObject(bucket, key, call)
        }
    }

    /// Query flags that turn a route into another operation.
    private static let subresources: Set<String> = [
        "acl", "cors", "delete", "lifecycle", "location", "object-lock", "policy", "tagging", "uploadId", "uploads",
        "versioning", "versions",
    ]

    private static func subresource(_ call: Call) -> String? {
        call.query.first { subresources.contains($0.name) }?.name
    }

    private static func onBucket(_ bucket: String, _ call: Call) -> S3Route {
        switch (call.method, subresource(call)) {
        case ("GET", nil): .list(bucket, version: call.queryValue("list-type") == "2" ? 2 : 1)
        case ("GET", "location"): .location(bucket)
        case ("GET", "versioning"): .getVersioning(bucket)
        case ("PUT", "versioning"): .putVersioning(bucket)
        case ("POST", "delete"): .deleteObjects(bucket)
        case ("PUT", nil): .createBucket(bucket)
        case ("HEAD", nil): .headBucket(bucket)
        case ("DELETE", nil): .deleteBucket(bucket)
        case (let method, let subresource): .unsupported("\(method) bucket \(subresource ?? "")")
        }
    }

    private static func onObject(_ bucket: String, _ key: ObjectKey, _ call: Call) -> S3Route {
        let upload = call.queryValue("uploadId") ?? ""
        let part = call.queryValue("partNumber").flatMap { Int($0) } ?? 0
        return switch (call.method, subresource(call)) {
        case ("GET", nil): .get(bucket, key)
        case ("HEAD", nil): .head(bucket, key)
        case ("PUT", nil) where call.header("x-amz-copy-source") == nil: .put(bucket, key)
        case ("POST", "uploads"): .startUpload(bucket, key)
        case ("PUT", "uploadId"): .putPart(bucket, key, upload: upload, number: part)
        case ("POST", "uploadId"): .completeUpload(bucket, key, upload: upload)
        case ("DELETE", "uploadId"): .abortUpload(bucket, key, upload: upload)
        case ("DELETE", nil): .delete(bucket, key)
        case (let method, let subresource): .unsupported("\(method) object \(subresource ?? "")")
        }
    }
}
