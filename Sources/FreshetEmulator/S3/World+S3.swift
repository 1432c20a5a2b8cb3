extension World {
    /// Signatures are checked against `wall`, real time; everything else goes by `now`.
    mutating func answerS3(_ route: S3Route, _ call: Call, at now: Instant, wall: Instant) -> Reply {
        let requestID = String(identifiers.token().prefix(16)).uppercased()
        var reply: Reply
        do throws(S3Error) {
            let body = try SignatureV4.verify(call, keys: store.keys, region: store.region, at: wall)
            reply = try serve(route, call, body: body, at: now)
        } catch {
            reply = error.reply(resource: String(call.path), requestID: requestID)
        }
        if call.method == "HEAD" {
            reply.announcedLength = reply.announcedLength ?? reply.body.count
            reply.body = []
        }
        reply.headers += [("x-amz-request-id", requestID), ("x-amz-id-2", "emulator"), ("Server", "AmazonS3")]
        return reply
    }

    private mutating func serve(
        _ route: S3Route,
        _ call: Call,
        body: [UInt8],
        at now: Instant
    ) throws(S3Error) -> Reply {
        switch route {
        case .listBuckets: return listBuckets()
        case .createBucket(let name): return try createBucket(name, at: now)
        case .deleteBucket(let name): return try deleteBucket(name)
        case .headBucket(let name):
            _ = try store.bucket(name)
            return Reply(200, headers: [("x-amz-bucket-region", store.region)])
        case .location(let name):
            _ = try store.bucket(name)
            // The oldest region has no name here.
            return World.xml(XML("LocationConstraint", store.region == "us-east-1" ? "" : store.region))
        case .getVersioning(let name):
            let status = try store.bucket(name).isVersioned ? [XML("Status", "Enabled")] : []
            return World.xml(XML("VersioningConfiguration", status))
        case .putVersioning(let name):
            _ = try store.bucket(name)
            let text = String(decoding: body, as: UTF8.self)
            store.buckets[name]?.isVersioned = text.contains("<Status>Enabled</Status>")
            return Reply(200)
        case .list(let name, let version):
            return try list(store.bucket(name), call, version: version)
        case .put(let bucket, let key): return try put(bucket, key, call, body: body, at: now)
        case .get(let bucket, let key), .head(let bucket, let key):
            return try get(store.bucket(bucket), key, call)
        case .delete(let bucket, let key): return try delete(bucket, key, call, at: now)
        case .deleteObjects(let bucket): return try deleteObjects(bucket, call, body: body, at: now)
        case .startUpload(let bucket, let key): return try startUpload(bucket, key, call)
        case .putPart(_, let key, let upload, let number):
            return try putPart(upload, number, key, call, body: body)
        case .completeUpload(let bucket, let key, let upload):
            return try completeUpload(upload, bucket, key, call, body: body, at: now)
        case .abortUpload(_, let key, let upload): return try abortUpload(upload, key)
        case .unsupported(let what): throw .notImplemented(what)
        }
    }

    static func xml(_ root: XML) -> Reply {
        Reply(200, headers: [("Content-Type", "application/xml")], body: root.document)
    }
}
