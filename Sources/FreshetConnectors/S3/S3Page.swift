/// An object as a list shows it.
package struct S3ListedObject: Hashable, Sendable {
    package var key: String
    /// As S3 writes it, quotes included.
    package var etag: String
    /// In bytes.
    package var size: Int64
    /// ISO 8601, UTC.
    package var lastModified: String
}

/// One page of a list.
///
/// - SeeAlso: Amazon S3 API Reference, "ListObjectsV2".
struct S3Page {
    var objects: [S3ListedObject] = []
    /// What asks for the next page; `nil` on the last.
    var next: String?

    init(_ body: [UInt8]) throws(S3Error) {
        let document: XMLTree
        do throws(XMLError) {
            document = try XMLTree(parsing: body)
        } catch {
            throw .unreadable("the list is not XML at byte \(error.offset)")
        }
        guard document.name == "ListBucketResult" else { throw .unreadable("it is '\(document.name)', not a list") }
        let isEncoded = document["EncodingType"]?.text == "url"
        for entry in document.all("Contents") {
            guard let key = entry["Key"]?.text, let etag = entry["ETag"]?.text,
                let size = entry["Size"].flatMap({ Int64($0.text) })
            else { throw .unreadable("an object of the list lacks its key, tag or size") }
            objects.append(
                S3ListedObject(
                    key: isEncoded ? PercentEncoding.decode(key) : key,
                    etag: etag,
                    size: size,
                    lastModified: entry["LastModified"]?.text ?? ""
                )
            )
        }
        guard document["IsTruncated"]?.text == "true" else { return }
        guard let token = document["NextContinuationToken"]?.text, !token.isEmpty else {
            throw .unreadable("the list goes on, and does not say where")
        }
        next = token
    }
}
