package import FreshetKit

extension S3Connection: Examinable {
    /// Asks for an object that is not there: that shows the keys, the bucket and its region, and needs the least right.
    package func examine(_ examination: Examination) async -> [Finding] {
        do throws(S3Error) {
            _ = try await object("freshet-doctor-looks-for-nothing")
            return [Finding("connect", .ok, "the bucket answers to these keys")]
        } catch {
            // S3 also says 403 for what does not exist, to whoever may not list.
            if case .refused(status: 403, _, _) = error {
                let mend = "if objects cannot be read, check the keys; s3:ListBucket would tell the two apart"
                return [Finding("connect", .warn, "the bucket answers, and keeps to itself what it holds", mend: mend)]
            }
            let mend =
                error.isTransient
                ? "check endpoint and region, and that this machine can reach it"
                : "check bucket, region and keys"
            return [Finding("connect", .fail, error.description, mend: mend)]
        }
    }
}
