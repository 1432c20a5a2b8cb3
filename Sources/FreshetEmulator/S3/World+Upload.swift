extension World {
    mutating func startUpload(_ bucket: String, _ key: ObjectKey, _ call: Call) throws(S3Error) -> Reply {
        _ = try store.bucket(bucket)
        let id = identifiers.token()
        store.uploads[id] = MultipartUpload(key: key, headers: World.keptHeaders(call))
        return World.xml(
            XML(
                "InitiateMultipartUploadResult",
                [XML("Bucket", bucket), XML("Key", key.text), XML("UploadId", id)]
            )
        )
    }

    mutating func putPart(
        _ upload: String,
        _ number: Int,
        _ key: ObjectKey,
        _ call: Call,
        body: [UInt8]
    ) throws(S3Error) -> Reply {
        guard store.uploads[upload]?.key == key else { throw .noSuchUpload }
        guard (1...10_000).contains(number) else {
            throw .invalidArgument("Part number must be an integer between 1 and 10000, inclusive")
        }
        try Checksum.check(body, against: call.headers)
        let part = MultipartUpload.Part(body)
        store.uploads[upload]?.parts[number] = part
        return Reply(200, headers: [("ETag", part.etag)])
    }

    mutating func completeUpload(
        _ id: String,
        _ bucket: String,
        _ key: ObjectKey,
        _ call: Call,
        body: [UInt8],
        at now: Instant
    ) throws(S3Error) -> Reply {
        guard let upload = store.uploads[id], upload.key == key else { throw .noSuchUpload }
        let isVersioned = try store.bucket(bucket).isVersioned
        try World.checkWrite(call, over: store.bucket(bucket).object(key), key: key)
        let numbers = XML.texts(of: "PartNumber", in: body).compactMap { Int($0) }
        let listed = zip(numbers, XML.texts(of: "ETag", in: body))
            .map { MultipartUpload.Listed(number: $0.0, etag: $0.1) }
        let (content, etag) = try upload.joined(listed)
        let version = isVersioned ? identifiers.token() : nil
        // The checksums of the parts are not one of the whole.
        let headers = upload.headers.filter { !$0.name.hasPrefix("x-amz-checksum-") }
        var object = StoredObject(content: content, modified: now, versionID: version, headers: headers)
        object.etag = etag
        store.buckets[bucket]?.put(object, at: key)
        store.uploads[id] = nil
        var reply = World.xml(
            XML(
                "CompleteMultipartUploadResult",
                [
                    XML("Location", "\(call.origin)\(call.path)"), XML("Bucket", bucket), XML("Key", key.text),
                    XML("ETag", etag),
                ]
            )
        )
        if let version { reply.headers.append(("x-amz-version-id", version)) }
        return reply
    }

    mutating func abortUpload(_ id: String, _ key: ObjectKey) throws(S3Error) -> Reply {
        guard store.uploads[id]?.key == key else { throw .noSuchUpload }
        store.uploads[id] = nil
        return Reply(204)
    }

    /// Deletes many keys at once; one that is not there counts as deleted.
    mutating func deleteObjects(_ bucket: String, _ call: Call, body: [UInt8], at now: Instant) throws(S3Error) -> Reply
    {
        try Checksum.check(body, against: call.headers)
        var entries: [XML] = []
        for key in XML.texts(of: "Key", in: body) {
            _ = try delete(bucket, ObjectKey(key), Call("DELETE", "/"), at: now)
            entries.append(XML("Deleted", [XML("Key", key)]))
        }
        let isQuiet = XML.texts(of: "Quiet", in: body).first == "true"
        return World.xml(XML("DeleteResult", isQuiet ? [] : entries))
    }
}
