/// Everything S3 keeps: buckets, and the keys that may open them.
struct ObjectStore: Sendable {
    var buckets: [String: Bucket]
    /// Multipart uploads under way, by id.
    var uploads: [String: MultipartUpload] = [:]
    /// Secret access keys by access key id.
    var keys: [String: String]
    var region: String

    init(seed: EmulatorSeed, at now: Instant) {
        let named = seed.buckets.map {
            ($0.name, Bucket(name: $0.name, created: now, isVersioned: $0.isVersioned))
        }
        buckets = Dictionary(named) { _, last in last }
        keys = [seed.accessKeyID: seed.secretAccessKey]
        region = seed.region
    }

    func bucket(_ name: String) throws(S3Error) -> Bucket {
        guard let bucket = buckets[name] else { throw .noSuchBucket(name) }
        return bucket
    }
}
