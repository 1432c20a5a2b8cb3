extension World {
    mutating func put(
        _ bucketName: String,
        _ key: ObjectKey,
        _ call: Call,
        body: [UInt8],
        at now: Instant
    ) throws(S3Error) -> Reply {
        // The bucket itself is not kept here: a second reference would make the change below copy all of it.
        let isVersioned = try store.bucket(bucketName).isVersioned
        try World.checkWrite(call, over: store.bucket(bucketName).object(key), key: key)
        try Checksum.check(body, against: call.headers)
        let version = isVersioned ? identifiers.token() : nil
        let object = StoredObject(content: body, modified: now, versionID: version, headers: World.keptHeaders(call))
        store.buckets[bucketName]?.put(object, at: key)
        var reply = Reply(200, headers: [("ETag", object.etag)])
        if let version { reply.headers.append(("x-amz-version-id", version)) }
        reply.headers += object.headers.filter { $0.name.hasPrefix("x-amz-checksum-") }
        return reply
    }

    func get(_ bucket: Bucket, _ key: ObjectKey, _ call: Call) throws(S3Error) -> Reply {
        let object = try find(key, in: bucket, version: call.queryValue("versionId"))
        var headers: [(name: String, value: String)] = [
            ("ETag", object.etag), ("Last-Modified", object.modified.http), ("Accept-Ranges", "bytes"),
        ]
        if let version = object.versionID { headers.append(("x-amz-version-id", version)) }
        switch Precondition.judge(call, against: object) {
        case .failed(let header): throw .preconditionFailed(header)
        case .notModified: return Reply(304, headers: headers)
        case .proceed: break
        }
        let range = try ByteRange.read(call.header("range"), size: object.content.count)
        // A checksum covers the whole object, so it goes only with the whole, and only when asked for.
        let wantsChecksum = call.header("x-amz-checksum-mode") == "ENABLED" && range == nil
        headers += object.headers.filter { wantsChecksum || !$0.name.hasPrefix("x-amz-checksum-") }
        guard let range else { return Reply(200, headers: headers, body: object.content) }
        headers.append(("Content-Range", "bytes \(range.first)-\(range.last)/\(object.content.count)"))
        return Reply(206, headers: headers, body: Array(object.content[range.first...range.last]))
    }

    mutating func delete(
        _ bucketName: String,
        _ key: ObjectKey,
        _ call: Call,
        at now: Instant
    ) throws(S3Error) -> Reply {
        let isVersioned = try store.bucket(bucketName).isVersioned
        if let version = call.queryValue("versionId") {
            store.buckets[bucketName]?.delete(key, version: version)
            return Reply(204, headers: [("x-amz-version-id", version)])
        }
        guard isVersioned else {
            store.buckets[bucketName]?.delete(key)
            return Reply(204)
        }
        let version = identifiers.token()
        store.buckets[bucketName]?.put(.deleteMarker(at: now, versionID: version), at: key)
        return Reply(204, headers: [("x-amz-version-id", version), ("x-amz-delete-marker", "true")])
    }

    private func find(_ key: ObjectKey, in bucket: Bucket, version: String?) throws(S3Error) -> StoredObject {
        guard let version else {
            guard let object = bucket.object(key) else { throw .noSuchKey(key.text) }
            return object
        }
        guard let object = bucket.object(key, version: version) else { throw .noSuchVersion(version) }
        guard !object.isDeleteMarker else { throw .methodNotAllowed }
        return object
    }

    /// Conditional writes: create only (`If-None-Match: *`) or replace only what one knows (`If-Match`).
    static func checkWrite(_ call: Call, over object: StoredObject?, key: ObjectKey) throws(S3Error) {
        if call.header("if-none-match") == "*", object != nil { throw .preconditionFailed("If-None-Match") }
        guard let condition = call.header("if-match") else { return }
        guard let object else { throw .noSuchKey(key.text) }
        guard Precondition.matches(condition, object.etag) else { throw .preconditionFailed("If-Match") }
    }

    private static let kept: Set<String> = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
    ]

    /// The headers that come back with the object.
    static func keptHeaders(_ call: Call) -> [(name: String, value: String)] {
        var headers = call.headers.filter { name, _ in
            kept.contains(name) || name.hasPrefix("x-amz-meta-")
                || (name.hasPrefix("x-amz-checksum-") && name != "x-amz-checksum-mode")
        }
        for index in headers.indices where headers[index].name == "content-encoding" {
            // `aws-chunked` is how the body travelled, not what it is.
            headers[index].value = headers[index].value.split(separator: ",").map(\.trimmed)
                .filter { $0 != "aws-chunked" }.joined(separator: ",")
        }
        headers.removeAll { $0.name == "content-encoding" && $0.value.isEmpty }
        if !headers.contains(where: { $0.name == "content-type" }) {
            headers.append(("content-type", "binary/octet-stream"))
        }
        return headers
    }
}
