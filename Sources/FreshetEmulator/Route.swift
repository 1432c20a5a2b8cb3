/// Where a request goes; one port serves everything, told apart by path.
enum Route: Hashable, Sendable {
    /// The emulator's own routes; the rest of the path.
    case control([String])
    case discovery(DiscoveryRoute)
    case identity(IdentityRoute)
    case keyVault(KeyVaultRoute)
    case admin(AdminRoute)
    case content(ContentRoute)
    case databricks(DatabricksRoute)
    case dataflow(DataflowRoute)
    case fabric(FabricRoute)
    case powerBI(PowerBIRoute)
    case s3(S3Route)
    case token(tenant: String, TokenRequest.Version)
    /// A Power BI path that the emulator has not.
    case unknown

    init(_ call: Call) {
        let segments = call.segments
        if segments.first == "_emulator" {
            self = .control(Array(segments.dropFirst()))
        } else if let route = DatabricksRoute(call.method, segments), !call.isSignedForS3 {
            self = .databricks(route)
        } else if segments.first == "v1", let route = FabricRoute(call.method, Array(segments.dropFirst())) {
            self = .fabric(route)
        } else if segments.starts(with: ["v1.0", "myorg"]) {
            self = Route.powerBI(call.method, Array(segments.dropFirst(2)))
        } else if call.method == "POST", segments.count == 3, segments[1...] == ["oauth2", "token"] {
            self = .token(tenant: segments[0], .v1)
        } else if call.method == "POST", segments.count == 4, segments[1...] == ["oauth2", "v2.0", "token"] {
            self = .token(tenant: segments[0], .v2)
        } else if let route = Route.azure(call.method, segments), !call.isSignedForS3 {
            self = route
        } else {
            self = .s3(S3Route(call))
        }
    }

    /// The routes of Azure that a bucket of the same name would hide.
    private static func azure(_ method: String, _ segments: [String]) -> Route? {
        guard method == "GET" else { return nil }
        switch segments {
        case ["common", "discovery", "instance"]: return .discovery(.instance)
        case ["metadata", "identity", "oauth2", "token"]: return .identity(.instanceMetadata)
        case ["msi", "token"]: return .identity(.appService)
        default: break
        }
        if segments.suffix(2) == [".well-known", "openid-configuration"] {
            if segments.count == 3 { return .discovery(.tenant(segments[0], .v1)) }
            if segments.count == 4, segments[1] == "v2.0" { return .discovery(.tenant(segments[0], .v2)) }
        }
        guard segments.first == "secrets", (2...3).contains(segments.count) else { return nil }
        return .keyVault(KeyVaultRoute(name: segments[1], version: segments.count == 3 ? segments[2] : nil))
    }

    private static func powerBI(_ method: String, _ segments: [String]) -> Route {
        if let route = AdminRoute(method, segments) { return .admin(route) }
        if method == "GET", segments == ["groups"] { return .powerBI(.groups) }
        var rest = segments[...]
        var group: String?
        if rest.first == "groups", rest.count > 1 {
            group = rest[rest.startIndex + 1]
            rest = rest.dropFirst(2)
        }
        let parts = Array(rest)
        if let group, let route = DataflowRoute(method, group: group, parts) { return .dataflow(route) }
        if let route = ContentRoute(method, group: group, parts) { return .content(route) }
        guard parts.first == "datasets" else { return .unknown }
        switch (method, parts.count) {
        case ("GET", 1): return .powerBI(.datasets(group: group))
        case ("GET", 2): return .powerBI(.dataset(group: group, id: parts[1]))
        case ("GET", 3) where parts[2] == "refreshes":
            return .powerBI(.history(group: group, dataset: parts[1]))
        case ("POST", 3) where parts[2] == "refreshes":
            return .powerBI(.startRefresh(group: group, dataset: parts[1]))
        case ("GET", 4) where parts[2] == "refreshes":
            return .powerBI(.refreshDetails(group: group, dataset: parts[1], id: parts[3]))
        case ("DELETE", 4) where parts[2] == "refreshes":
            return .powerBI(.cancelRefresh(group: group, dataset: parts[1], id: parts[3]))
        case ("GET", 3) where parts[2] == "refreshSchedule":
            return .powerBI(.schedule(group: group, dataset: parts[1]))
        case ("PATCH", 3) where parts[2] == "refreshSchedule":
            return .powerBI(.changeSchedule(group: group, dataset: parts[1]))
        default: return .unknown
        }
    }

    var kind: CallKind {
        switch self {
        case .admin(let route): route.kind
        case .content(let route): route.kind
        case .control, .unknown: .unknown
        case .discovery: .discovery
        case .identity: .identity
        case .keyVault: .keyVault
        case .databricks(let route): route.kind
        case .dataflow(let route): route.kind
        case .fabric(let route): route.kind
        case .powerBI(let route): route.kind
        case .s3(let route): route.kind
        case .token: .token
        }
    }

    var isStorage: Bool {
        if case .s3 = self { return true }
        return false
    }

    /// Whether a service of Microsoft's answers it, rather than a storage or the emulator itself.
    var isPowerBI: Bool {
        switch self {
        case .admin, .content, .dataflow, .fabric, .powerBI, .unknown: true
        case .control, .databricks, .discovery, .identity, .keyVault, .s3, .token: false
        }
    }

    /// The id of the model or dataflow it is about, as the path spells it.
    var dataset: String? {
        switch self {
        case .content(let route): route.model
        case .dataflow(let route): route.dataflow
        case .fabric(let route): route.model
        case .powerBI(let route): route.model
        default: nil
        }
    }
}

extension PowerBIRoute {
    var kind: CallKind {
        switch self {
        case .cancelRefresh: .refreshDelete
        case .dataset: .dataset
        case .datasets: .datasets
        case .groups: .groups
        case .history: .refreshGet
        case .refreshDetails: .refreshDetails
        case .schedule: .scheduleGet
        case .changeSchedule: .schedulePatch
        case .startRefresh: .refreshPost
        }
    }

    var model: String? {
        switch self {
        case .groups, .datasets: nil
        case .dataset(_, let id), .schedule(_, let id), .changeSchedule(_, let id): id
        case .history(_, let id), .startRefresh(_, let id), .refreshDetails(_, let id, _), .cancelRefresh(_, let id, _):
            id
        }
    }
}

extension S3Route {
    var kind: CallKind {
        switch self {
        case .abortUpload, .completeUpload, .putPart, .startUpload: .s3Upload
        case .createBucket: .s3CreateBucket
        case .delete, .deleteObjects: .s3Delete
        case .deleteBucket: .s3DeleteBucket
        case .get: .s3Get
        case .getVersioning, .putVersioning: .s3Versioning
        case .head: .s3Head
        case .headBucket: .s3HeadBucket
        case .list: .s3List
        case .listBuckets: .s3ListBuckets
        case .location: .s3Location
        case .put: .s3Put
        case .unsupported: .s3Unsupported
        }
    }
}

extension Call {
    /// Whether it bears a signature of S3, in a header or in its query.
    fileprivate var isSignedForS3: Bool {
        header("authorization")?.hasPrefix("AWS4-") == true || queryValue("X-Amz-Signature") != nil
    }
}
