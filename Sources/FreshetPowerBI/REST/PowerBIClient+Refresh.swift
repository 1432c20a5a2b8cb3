internal import FreshetCore
internal import FreshetEntra
internal import FreshetKit

/// The calls around one model's refreshes.
///
/// - SeeAlso: Power BI REST API, *Datasets - Refresh Dataset In Group* and its neighbours.
extension PowerBIClient {
    func startRefresh(of model: ModelAddress, body: String) async -> RemoteReply<RefreshMachine.Acceptance> {
        await callOnce("POST", "\(model.path)/refreshes", body: body) { response, root in
            // Only 202 means that it was taken; a proxy may answer 200 with a page of its own.
            response.status == 202 ? .init(requestID: Self.requestID(response, apiURL: root)) : nil
        }
    }

    func history(of model: ModelAddress, top: Int) async -> RemoteReply<RefreshHistory> {
        await call("GET", "\(model.path)/refreshes?$top=\(top)") { response in
            WireObject(parsing: response.body)?.objects("value").map { RefreshHistory($0.map(RefreshRecord.init)) }
        }
    }

    func details(of id: String, of model: ModelAddress) async -> RemoteReply<RefreshRecord> {
        await call("GET", "\(model.path)/refreshes/\(FormEncoding.encode(id))") { response in
            WireObject(parsing: response.body).map(RefreshRecord.init)
        }
    }

    func cancel(_ id: String, of model: ModelAddress) async -> RemoteReply<RefreshMachine.Cancellation> {
        await call("DELETE", "\(model.path)/refreshes/\(FormEncoding.encode(id))") { _ in
            RefreshMachine.Cancellation()
        }
    }

    /// Where the id stands depends on the kind of refresh: an enhanced one has all three headers, a standard one only
    /// `RequestId`, which by itself names the call, not the refresh.
    static func requestID(_ response: HTTPResponse, apiURL: String) -> String? {
        let locations = response.headers.all("Location")
        let named = locations.map { lastSegment(ofLocation: $0, apiURL: apiURL).flatMap { isPlausible($0) ? $0 : nil } }
        let stated = response.headers.all("x-ms-request-id").filter(isPlausible)
        let ids = Set((stated + named.compactMap { $0 }).map { $0.lowercased() })
        // Headers that contradict each other name no refresh; history does.
        guard ids.count < 2 else { return nil }
        if let id = stated.first ?? named.compactMap({ $0 }).first { return id }
        // An enhanced refresh has its address; one that cannot be ours leaves no ground to trust the call's own id.
        guard locations.isEmpty else { return nil }
        return response.headers.all("RequestId").first(where: isPlausible)
    }

    /// An id becomes part of an address and of the store: letters, digits and hyphens only.
    private static func isPlausible(_ id: String) -> Bool {
        (8...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
                default: false
                }
            }
    }

    /// - Returns: `nil` when the address belongs to another host.
    private static func lastSegment(ofLocation location: String, apiURL: String) -> String? {
        if location.hasPrefix("//") || location.contains("://"), host(of: location) != host(of: apiURL) { return nil }
        let path = location.prefix { $0 != "?" && $0 != "#" }
        return path.split(separator: "/").last.map(String.init)
    }

    private static func host(of url: String) -> String? {
        guard let start = url.firstRange(of: "//")?.upperBound else { return nil }
        return url[start...].prefix { $0 != "/" && $0 != "?" }.lowercased()
    }
}

extension HTTPHeaders {
    /// Every value of that name, in order.
    fileprivate func all(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
