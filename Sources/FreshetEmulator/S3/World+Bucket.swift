extension World {
    func listBuckets() -> Reply {
        let entries = store.buckets.values.sorted { $0.name < $1.name }.map { bucket in
            XML("Bucket", [XML("Name", bucket.name), XML("CreationDate", bucket.created.listed)])
        }
        return World.xml(XML("ListAllMyBucketsResult", [World.owner, XML("Buckets", entries)]))
    }

    mutating func createBucket(_ name: String, at now: Instant) throws(S3Error) -> Reply {
        guard Bucket.isValid(name: name) else { throw .invalidBucketName(name) }
        guard store.buckets[name] == nil else { throw .bucketAlreadyOwnedByYou(name) }
        store.buckets[name] = Bucket(name: name, created: now, isVersioned: false)
        return Reply(200, headers: [("Location", "/\(name)")])
    }

    mutating func deleteBucket(_ name: String) throws(S3Error) -> Reply {
        guard try store.bucket(name).versions.isEmpty else { throw .bucketNotEmpty(name) }
        store.buckets[name] = nil
        return Reply(204)
    }

    /// ListObjects and ListObjectsV2, which differ in how a page names the next.
    func list(_ bucket: Bucket, _ call: Call, version: Int) throws(S3Error) -> Reply {
        var query = Listing.Query()
        query.prefix = ObjectKey(call.queryValue("prefix") ?? "")
        query.delimiter = ObjectKey(call.queryValue("delimiter") ?? "")
        if let limit = call.queryValue("max-keys") {
            guard let number = Int(limit), number >= 0 else {
                throw .invalidArgument("Provided max-keys not an integer or within integer range")
            }
            query.limit = min(number, 1_000)
        }
        let token = call.queryValue("continuation-token")
        let after = call.queryValue(version == 2 ? "start-after" : "marker")
        if let token {
            guard let bytes = Base64.decoded(token) else {
                throw .invalidArgument("The continuation token provided is incorrect")
            }
            query.after = ObjectKey(bytes)
        } else {
            query.after = after.map { ObjectKey($0) }
        }
        let page = Listing(query, of: bucket.keys)
        let isEncoded = call.queryValue("encoding-type") == "url"
        func shown(_ key: ObjectKey) -> String { isEncoded ? World.urlEncoded(key) : key.text }

        var members = [
            XML("Name", bucket.name), XML("Prefix", shown(query.prefix)), XML("MaxKeys", String(query.limit)),
            XML("IsTruncated", page.next == nil ? "false" : "true"),
        ]
        if !query.delimiter.bytes.isEmpty { members.append(XML("Delimiter", shown(query.delimiter))) }
        if isEncoded { members.append(XML("EncodingType", "url")) }
        if version == 2 {
            members.append(XML("KeyCount", String(page.count)))
            if let token { members.append(XML("ContinuationToken", token)) }
            if let after { members.append(XML("StartAfter", shown(ObjectKey(after)))) }
            if let next = page.next { members.append(XML("NextContinuationToken", Base64.encoded(next.bytes))) }
        } else {
            members.append(XML("Marker", shown(ObjectKey(after ?? ""))))
            // ListObjects names the next page only for a listing by delimiter.
            if let next = page.next, !query.delimiter.bytes.isEmpty { members.append(XML("NextMarker", shown(next))) }
        }
        members += page.keys.compactMap { key in
            bucket.object(key).map { object in
                XML(
                    "Contents",
                    [
                        XML("Key", shown(key)), XML("LastModified", object.modified.listed), XML("ETag", object.etag),
                        XML("Size", String(object.content.count)), XML("StorageClass", "STANDARD"),
                    ]
                )
            }
        }
        members += page.commonPrefixes.map { XML("CommonPrefixes", [XML("Prefix", shown($0))]) }
        return World.xml(XML("ListBucketResult", members))
    }

    private static let owner = XML("Owner", [XML("ID", "emulator"), XML("DisplayName", "emulator")])

    /// How S3 writes keys under `encoding-type=url`: as a form, but with `/` and `*` left as they are.
    ///
    /// - SeeAlso: MinIO `s3URLEncode`, which was matched against S3's own answers.
    static func urlEncoded(_ key: ObjectKey) -> String {
        let escaped = Percent.encoded(key.bytes, keeping: [UInt8(ascii: "/"), UInt8(ascii: "*"), UInt8(ascii: " ")])
        return String(escaped.flatMap { $0 == " " ? "+" : $0 == "~" ? "%7E" : String($0) })
    }
}
