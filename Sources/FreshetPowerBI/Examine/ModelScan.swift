internal import FreshetCore
internal import FreshetEntra
internal import FreshetKit

/// Reads the queries of a model's tables, which only an administrator's scan tells.
///
/// - SeeAlso: Power BI REST API, *Admin - WorkspaceInfo PostWorkspaceInfo*.
struct ModelScan {
    let client: PowerBIClient

    struct Reason: Error { var message: String }

    /// What the tables of a model are loaded by, in Power Query's own language.
    struct Queries: Hashable, Sendable {
        /// By the table's name in lower case.
        var tables: [String: String]
        /// The shared queries that those may name.
        var shared: [String: String]

        /// A table may filter through a shared query, which may go through another.
        func lacksRange(_ table: String) -> Bool {
            guard var text = tables[table.lowercased()] else { return false }
            var seen: Set<String> = []
            while let next = shared.first(where: { !seen.contains($0.key) && text.contains($0.key) }) {
                seen.insert(next.key)
                // A parameter's own definition names itself nowhere; the use of it is what counts.
                if next.key != "RangeStart", next.key != "RangeEnd" { text += "\n" + next.value }
            }
            return !(text.contains("RangeStart") && text.contains("RangeEnd"))
        }
    }

    func queries(of model: ModelAddress) async -> Result<Queries, Reason> {
        do throws(Reason) {
            let id = try await start(model)
            try await wait(for: id)
            return .success(try await result(of: id, model))
        } catch {
            return .failure(error)
        }
    }

    private func start(_ model: ModelAddress) async throws(Reason) -> String {
        let body: JSONValue = ["workspaces": [.text(model.workspaceID)]]
        let path = "admin/workspaces/getInfo?datasetSchema=true&datasetExpressions=true"
        return try value(
            await client.call("POST", path, body: body.serialized()) { WireObject(parsing: $0.body)?.text("id") }
        )
    }

    private func wait(for id: String) async throws(Reason) {
        let clock = client.surroundings.clock
        for _ in 0..<20 {
            let path = "admin/workspaces/scanStatus/\(FormEncoding.encode(id))"
            let status = try value(await client.call("GET", path) { WireObject(parsing: $0.body)?.text("status") })
            switch status.lowercased() {
            case "succeeded": return
            case "notstarted", "running": break
            default: throw Reason(message: "the scan ended as \(status)")
            }
            do { try await clock.sleep(until: clock.now + .seconds(2)) } catch { throw Reason(message: "interrupted") }
        }
        throw Reason(message: "the scan takes too long")
    }

    private func result(of id: String, _ model: ModelAddress) async throws(Reason) -> Queries {
        let path = "admin/workspaces/scanResult/\(FormEncoding.encode(id))"
        let found: Queries? = try value(
            await client.call("GET", path) { response in
                guard let root = WireObject(parsing: response.body), let workspaces = root.objects("workspaces") else {
                    return nil
                }
                let models = workspaces.flatMap { $0.objects("datasets") ?? [] }
                let found = models.first { $0.text("id")?.lowercased() == model.modelID.lowercased() }
                return .some(found.map(Queries.init))
            }
        )
        guard let found else { throw Reason(message: "the scan does not show the model") }
        guard !found.tables.isEmpty else {
            throw Reason(
                message: "the tenant does not tell queries; the setting is 'Enhance admin APIs responses with DAX and "
                    + "mashup expressions'"
            )
        }
        return found
    }

    private func value<Value>(_ reply: RemoteReply<Value>) throws(Reason) -> Value {
        switch reply.result {
        case .answer(let value): return value
        case .refusal(let refusal) where refusal.reason == .denied:
            throw Reason(message: "only an application that may read the admin interface sees a table's query")
        case .refusal(let refusal): throw Reason(message: refusal.message)
        case .silence(let silence): throw Reason(message: silence.message)
        }
    }
}

extension ModelScan.Queries {
    fileprivate init(_ wire: WireObject) {
        self.init(tables: [:], shared: [:])
        for table in wire.objects("tables") ?? [] {
            guard let name = table.text("name") else { continue }
            let text = (table.objects("source") ?? []).compactMap { $0.text("expression") }.joined(separator: "\n")
            if !text.isEmpty { tables[name.lowercased()] = text }
        }
        for query in wire.objects("expressions") ?? [] {
            if let name = query.text("name"), !name.isEmpty { shared[name] = query.text("expression") ?? "" }
        }
    }
}
