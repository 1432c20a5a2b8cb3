private import FreshetCore
import FreshetKit

extension S3Connection {
    package func head(_ key: String) async throws -> ArtifactHead? { try await object(key) }

    package func get(_ key: String, ifNoneMatch etag: String?) async throws -> ArtifactAnswer {
        try await download(key, ifNoneMatch: etag)
    }

    /// What S3 tells of an object; `nil` when there is none.
    package func object(_ key: String) async throws(S3Error) -> ArtifactHead? {
        let (response, access) = try await ask { $0.request("HEAD", key: key) }
        switch response.status {
        case 200: return try Self.head(response)
        case 404:
            try await requireBucket(access)
            return nil
        default: throw Self.refusal(response, access)
        }
    }

    /// An object and its bytes, unless it still has the tag that the caller knows.
    package func download(_ key: String, ifNoneMatch etag: String? = nil) async throws(S3Error) -> ArtifactAnswer {
        let (response, access) = try await ask { access in
            var request = access.request("GET", key: key)
            if let etag { request.headers["If-None-Match"] = etag }
            request.timeout = .seconds(300)
            return request
        }
        switch response.status {
        case 200: return .found(try Self.head(response), response.body)
        case 304: return .unchanged
        case 404:
            guard case .noBucket(let name) = Self.refusal(response, access) else { return .missing }
            throw .noBucket(name)
        default: throw Self.refusal(response, access)
        }
    }

    /// Writes an object whole.
    ///
    /// - Returns: the entity tag of what was written.
    @discardableResult
    package func upload(
        _ key: String,
        _ bytes: [UInt8],
        type: String = "application/octet-stream"
    ) async throws(S3Error) -> String {
        let (response, access) = try await ask {
            $0.request("PUT", key: key, headers: ["Content-Type": type], body: bytes)
        }
        guard response.status == 200 else { throw Self.refusal(response, access) }
        return response.headers["ETag"] ?? ""
    }

    /// A missing object and a missing bucket look the same from the answer to `HEAD`.
    private func requireBucket(_ access: S3Access) async throws(S3Error) {
        let response = try await send(access.request("HEAD"))
        if response.status == 404 { throw .noBucket(access.bucket) }
    }

    private static func head(_ response: HTTPResponse) throws(S3Error) -> ArtifactHead {
        guard let etag = response.headers["ETag"], !etag.isEmpty else { throw .unreadable("it has no ETag") }
        return ArtifactHead(
            etag: etag,
            versionID: response.headers["x-amz-version-id"],
            size: response.headers["Content-Length"].flatMap { Int64($0) } ?? Int64(response.body.count),
            lastModified: response.headers["Last-Modified"]
        )
    }

    static func refusal(_ response: HTTPResponse, _ access: S3Access) -> S3Error {
        // The body is there to say more; when it cannot be read, the status is all there is to say.
        let document = try? XMLTree(parsing: response.body)
        let code = document?["Code"]?.text ?? ""
        let region = response.headers["x-amz-bucket-region"] ?? document?["Region"]?.text
        switch code {
        case "NoSuchBucket": return .noBucket(access.bucket)
        case "AuthorizationHeaderMalformed", "PermanentRedirect":
            return .otherRegion(region, stated: access.signing.region)
        default: break
        }
        if response.status == 301 || (response.status == 400 && region != nil && region != access.signing.region) {
            return .otherRegion(region, stated: access.signing.region)
        }
        return .refused(
            status: response.status,
            code: code.isEmpty ? String(response.status) : code,
            message: document?["Message"]?.text ?? "no further explanation"
        )
    }
}
