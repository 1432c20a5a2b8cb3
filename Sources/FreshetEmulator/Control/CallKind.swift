/// What a request is, as the ledger and faults name it.
enum CallKind: String, CaseIterable, Sendable {
    case dataset
    case datasets
    case discovery
    case groups
    case identity
    case keyVault = "key_vault"
    case refreshDelete = "refresh_delete"
    case refreshDetails = "refresh_details"
    case refreshGet = "refresh_get"
    case refreshPost = "refresh_post"
    case s3CreateBucket = "s3_create_bucket"
    case s3Delete = "s3_delete"
    case s3DeleteBucket = "s3_delete_bucket"
    case s3Get = "s3_get"
    case s3Head = "s3_head"
    case s3HeadBucket = "s3_head_bucket"
    case s3List = "s3_list"
    case s3ListBuckets = "s3_list_buckets"
    case s3Location = "s3_location"
    case s3Put = "s3_put"
    case s3Unsupported = "s3_unsupported"
    case s3Upload = "s3_upload"
    case s3Versioning = "s3_versioning"
    case scheduleGet = "schedule_get"
    case schedulePatch = "schedule_patch"
    case token
    case unknown

    /// Whether a name means this kind: its own, or a family's such as `refresh` or `s3`.
    func isNamed(_ name: String) -> Bool { rawValue == name || rawValue.hasPrefix(name + "_") }
}
