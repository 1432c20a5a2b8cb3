internal import FreshetKit

extension S3Connection {
    package func list(_ query: ArtifactQuery) async throws -> ArtifactListing { try await pages(query) }

    /// The objects whose keys begin with `prefix`, in the order of their keys' bytes; every page of them.
    package func list(_ prefix: String = "", pageSize: Int = 1000) async throws(S3Error) -> [ArtifactEntry] {
        try await pages(ArtifactQuery(prefix: prefix), pageSize: pageSize).entries
    }

    func pages(_ query: ArtifactQuery, pageSize: Int = 1000) async throws(S3Error) -> ArtifactListing {
        var listing = ArtifactListing([], requests: 0)
        var next: [(name: String, value: String)] = []
        while true {
            let parameters = Self.parameters(query, pageSize, next)
            let (response, access) = try await ask { $0.request("GET", query: parameters) }
            guard response.status == 200 else { throw Self.refusal(response, access) }
            listing.requests += 1
            let page = try S3Page(response.body)
            listing.entries += page.objects
            guard listing.entries.count <= query.limit else {
                throw .tooMany(prefix: query.prefix, limit: query.limit)
            }
            guard let following = page.next else { return listing }
            guard !following.elementsEqual(next, by: ==) else { throw .unreadable("the list does not go on") }
            next = following
        }
    }

    private static func parameters(
        _ query: ArtifactQuery,
        _ pageSize: Int,
        _ next: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        // Keys may hold what XML cannot: asked for so, they come percent-encoded.
        var parameters = [("encoding-type", "url"), ("max-keys", String(pageSize)), ("prefix", query.prefix)]
        if query.withVersions {
            // libcurl signs a parameter without a value as if it were not there: 'versions=' is what Amazon signs, too.
            parameters.append(("versions", ""))
            if next.isEmpty, let after = query.after { parameters.append(("key-marker", after)) }
        } else {
            parameters.append(("list-type", "2"))
            if next.isEmpty, let after = query.after { parameters.append(("start-after", after)) }
        }
        return parameters + next
    }
}
