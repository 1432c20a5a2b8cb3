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
    private static let pageSize = 1000
    private static let maxPages = 50

    private let client: PowerBIClient
    private var known: [Name: ModelAddress] = [:]
    private var dataflows: [Name: DataflowAddress] = [:]
    /// By path; one list names all that is in it, so that hundreds of models do not ask for it one by one.
    private var lists: [String: Task<Result<[Entry], LookupError>, Never>] = [:]

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
        lists = [:]
    }

    /// Forgets an address that the service no longer knows.
    func drop(_ address: ModelAddress) {
        known = known.filter { $0.value != address }
        lists = [:]
    }

    private func id(of name: String, what: String, in path: String) async throws(LookupError) -> String {
        if Self.isID(name) { return name.lowercased() }
        if let list = lists[path], case .success(let entries) = await list.value,
            let id = try? match(name, what, entries)  // What is not there may have come since.
        {
            return id
        }
        return try match(name, what, try await freshList(path))
    }

    private func match(_ name: String, _ what: String, _ entries: [Entry]) throws(LookupError) -> String {
        // Names differ at most in case for the service; the exact one wins should it ever be otherwise.
        let exact = entries.filter { $0.name == name }
        let matches = exact.isEmpty ? entries.filter { $0.name.lowercased() == name.lowercased() } : exact
        guard let match = matches.first else { throw .unknown(what: what, name: name, known: entries.map(\.name)) }
        guard matches.count == 1 else { throw .ambiguous(what: what, name: name, ids: matches.map(\.id)) }
        return match.id
    }

    /// Reads a list; who asks for it meanwhile gets the same one.
    private func freshList(_ path: String) async throws(LookupError) -> [Entry] {
        let task = Task { () async -> Result<[Entry], LookupError> in
            do throws(LookupError) { return .success(try await list(path)) } catch { return .failure(error) }
        }
        lists[path] = task
        let result = await task.value
        if case .failure = result, lists[path] == task { lists[path] = nil }
        return try result.get()
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
