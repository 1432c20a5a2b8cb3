/// One page of a list, either of objects or of their versions.
///
/// - SeeAlso: Amazon S3 API Reference, "ListObjectsV2" and "ListObjectVersions".
struct S3Page {
    var objects: [ArtifactEntry] = []
    /// What asks for the next page; `nil` on the last.
    var next: [(name: String, value: String)]?

    init(_ body: [UInt8]) throws(S3Error) {
        let document: XMLTree
        do throws(XMLError) {
            document = try XMLTree(parsing: body)
        } catch {
            throw .unreadable("the list is not XML at byte \(error.offset)")
        }
        let isEncoded = document["EncodingType"]?.text == "url"
        switch document.name {
        case "ListBucketResult": objects = try Self.entries(document.all("Contents"), isEncoded)
        case "ListVersionsResult":
            let present = document.all("Version").filter { $0["IsLatest"]?.text == "true" }
            objects = try Self.entries(present, isEncoded)
        default: throw .unreadable("it is '\(document.name)', not a list")
        }
        guard document["IsTruncated"]?.text == "true" else { return }
        let names = [
            ("NextContinuationToken", "continuation-token"), ("NextKeyMarker", "key-marker"),
            ("NextVersionIdMarker", "version-id-marker"),
        ]
        let next = names.compactMap { element, parameter in
            document[element].flatMap { element in
                let isKey = isEncoded && parameter == "key-marker"
                let value = isKey ? PercentEncoding.decode(element.text) : element.text
                return value.isEmpty ? nil : (name: parameter, value: value)
            }
        }
        guard !next.isEmpty else { throw .unreadable("the list goes on, and does not say where") }
        self.next = next
    }

    private static func entries(_ elements: [XMLTree], _ isEncoded: Bool) throws(S3Error) -> [ArtifactEntry] {
        var entries: [ArtifactEntry] = []
        for entry in elements {
            guard let key = entry["Key"]?.text, let etag = entry["ETag"]?.text,
                let size = entry["Size"].flatMap({ Int64($0.text) })
            else { throw .unreadable("an object of the list lacks its key, tag or size") }
            entries.append(
                ArtifactEntry(
                    key: isEncoded ? PercentEncoding.decode(key) : key,
                    etag: etag,
                    versionID: entry["VersionId"].flatMap { $0.text.isEmpty ? nil : $0.text },
                    size: size,
                    lastModified: entry["LastModified"]?.text ?? ""
                )
            )
        }
        return entries
    }
}
