internal import FreshetCore
internal import FreshetEntra
internal import FreshetKit

/// Where a semantic model lives, by the service's own ids.
struct ModelAddress: Hashable, Sendable {
    var workspaceID: String
    var modelID: String

    /// The form that names the workspace: an application has none of its own.
    var path: String { "groups/\(FormEncoding.encode(workspaceID))/datasets/\(FormEncoding.encode(modelID))" }

    /// As a ``RemoteOperation/target``.
    var target: String { "powerbi/\(workspaceID.lowercased())/\(modelID.lowercased())" }
}

extension ModelAddress {
    /// Reads back what ``target`` wrote.
    init?(target: String) {
        let parts = target.split(separator: "/")
        guard parts.count == 3, parts[0] == "powerbi" else { return nil }
        self.init(workspaceID: String(parts[1]), modelID: String(parts[2]))
    }
}

/// Why a workspace or model has no id.
enum LookupError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknown(what: String, name: String, known: [String])
    case ambiguous(what: String, name: String, ids: [String])
    case refused(Refusal)
    case unanswered(Silence, retryAfter: Duration?)

    var description: String {
        switch self {
        case .unknown(let what, let name, let known):
            "there is no \(what) '\(name)' that this application may see; "
                + (known.isEmpty ? "it sees none" : "it sees \(known.sorted().prefix(10).joined(separator: ", "))")
        case .ambiguous(let what, let name, let ids):
            "several \(what)s are called '\(name)'; write the id of one: \(ids.sorted().joined(separator: ", "))"
        case .refused(let refusal): refusal.message
        case .unanswered(let silence, _): silence.message
        }
    }
}

/// Finds ids for names, and remembers them.
actor ModelDirectory {
    private struct Entry: Hashable, Sendable {
        var id: String
        var name: String
    }
    private struct Name: Hashable {
        var workspace: String
        /// Of a model or a dataflow.
        var item: String
    }
    /// Everything in a list, found by name without going through it for each.
    private struct Listing: Sendable {
        var ids: [String: [String]] = [:]
        /// By the name in lower case.
        var idsInAnyCase: [String: [String]] = [:]

        init(_ entries: [Entry]) {
            for entry in entries {
                ids[entry.name, default: []].append(entry.id)
                idsInAnyCase[entry.name.lowercased(), default: []].append(entry.id)
            }
        }

        /// Names differ at most in case for the service; the exact one wins should it ever be otherwise.
        func ids(of name: String) -> [String] { ids[name] ?? idsInAnyCase[name.lowercased()] ?? [] }

        var names: [String] { ids.flatMap { name, ids in ids.map { _ in name } } }
    }
    private static let pageSize = 1000
    private static let maxPages = 50

    private let client: PowerBIClient
    private var known: [Name: ModelAddress] = [:]
    private var dataflows: [Name: DataflowAddress] = [:]
    /// By path; one list names all that is in it, so that hundreds of models do not ask for it one by one.
    private var listings: [String: Listing] = [:]
    /// Lists that are being read: a thousand models that begin together ask for one list, not for a thousand.
    private var reading: [String: Task<Result<Listing, LookupError>, Never>] = [:]

    init(_ client: PowerBIClient) { self.client = client }

    /// Both may be given by name or by id.
    func find(workspace: String, model: String) async throws(LookupError) -> ModelAddress {
        let name = Name(workspace: workspace, item: model)
        if let address = known[name] { return address }
        let workspaceID = try await id(of: workspace, what: "workspace", in: "groups")
        let list = "groups/\(FormEncoding.encode(workspaceID))/datasets"
        let modelID = try await id(of: model, what: "model", in: list)
        let address = ModelAddress(workspaceID: workspaceID, modelID: modelID)
        known[name] = address
        return address
    }

    func findWorkspace(_ workspace: String) async throws(LookupError) -> String {
        try await id(of: workspace, what: "workspace", in: "groups")
    }

    /// The name of the workspace with an id; `nil` where it cannot be told.
    func nameOfWorkspace(_ id: String) async -> String? {
        // Whoever asks can do with the id alone.
        guard let listing = try? await listing("groups") else { return nil }
        return listing.ids.first { $0.value.contains { $0.lowercased() == id.lowercased() } }?.key
    }

    /// Both may be given by name or by id.
    func findDataflow(_ dataflow: String, in workspace: String) async throws(LookupError) -> DataflowAddress {
        let name = Name(workspace: workspace, item: dataflow)
        if let address = dataflows[name] { return address }
        let workspaceID = try await id(of: workspace, what: "workspace", in: "groups")
        let list = "groups/\(FormEncoding.encode(workspaceID))/dataflows"
        let dataflowID = try await id(of: dataflow, what: "dataflow", in: list)
        let address = DataflowAddress(workspaceID: workspaceID, dataflowID: dataflowID)
        dataflows[name] = address
        return address
    }

    func drop(_ address: DataflowAddress) {
        dataflows = dataflows.filter { $0.value != address }
        listings = [:]
    }

    /// Forgets an address that the service no longer knows.
    func drop(_ address: ModelAddress) {
        known = known.filter { $0.value != address }
        listings = [:]
    }

    private func id(of name: String, what: String, in path: String) async throws(LookupError) -> String {
        if Self.isID(name) { return name.lowercased() }
        // What the list that was read before does not have may have come since.
        if let ids = listings[path]?.ids(of: name), ids.count == 1 { return ids[0] }
        let listing = try await listing(path)
        let ids = listing.ids(of: name)
        guard let id = ids.first else { throw .unknown(what: what, name: name, known: listing.names) }
        guard ids.count == 1 else { throw .ambiguous(what: what, name: name, ids: ids) }
        return id
    }

    /// Joins whoever is reading the list already.
    private func listing(_ path: String) async throws(LookupError) -> Listing {
        if let others = reading[path] { return try await others.value.get() }
        let task = Task { () -> Result<Listing, LookupError> in
            do throws(LookupError) { return .success(Listing(try await list(path))) } catch { return .failure(error) }
        }
        reading[path] = task
        let result = await task.value
        reading[path] = nil
        let listing = try result.get()
        listings[path] = listing
        return listing
    }

    private func list(_ path: String) async throws(LookupError) -> [Entry] {
        var entries: [Entry] = []
        var ids: Set<String> = []
        // Only workspaces come in pages; a list that is not paged ends the loop by repeating itself.
        for page in 0..<Self.maxPages {
            let query = path == "groups" ? "?$top=\(Self.pageSize)&$skip=\(page * Self.pageSize)" : ""
            let found = try await read(path + query)
            let new = found.filter { ids.insert($0.id).inserted }
            entries += new
            if path != "groups" || found.count < Self.pageSize || new.isEmpty { break }
        }
        return entries
    }

    private func read(_ path: String) async throws(LookupError) -> [Entry] {
        let reply: RemoteReply<[Entry]> = await client.call("GET", path) { response in
            WireObject(parsing: response.body)?.objects("value")?.compactMap { wire in
                guard let id = wire.text("id") ?? wire.text("objectId"), let name = wire.text("name") else {
                    return nil
                }
                return Entry(id: id, name: name)
            }
        }
        switch reply.result {
        case .answer(let entries): return entries
        case .refusal(let refusal): throw .refused(refusal)
        case .silence(let silence): throw .unanswered(silence, retryAfter: reply.retryAfter)
        }
    }

    /// Whether it has the form of a GUID.
    private static func isID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }
}
