internal import FreshetCore
internal import FreshetEntra
internal import FreshetKit

/// Where a dataflow lives, by the service's own ids.
struct DataflowAddress: Hashable, Sendable {
    var workspaceID: String
    var dataflowID: String

    var group: String { "groups/\(FormEncoding.encode(workspaceID))" }
    var path: String { "\(group)/dataflows/\(FormEncoding.encode(dataflowID))" }

    /// As a ``RemoteOperation/target``.
    var target: String { "powerbi-dataflow/\(workspaceID.lowercased())/\(dataflowID.lowercased())" }

    init(workspaceID: String, dataflowID: String) {
        self.workspaceID = workspaceID
        self.dataflowID = dataflowID
    }

    /// Reads back what ``target`` wrote.
    init?(target: String) {
        let parts = target.split(separator: "/")
        guard parts.count == 3, parts[0] == "powerbi-dataflow" else { return nil }
        self.init(workspaceID: String(parts[1]), dataflowID: String(parts[2]))
    }
}

/// A dataflow, whose refreshes the service calls transactions.
///
/// The answer to a request names no transaction, so the request is never more than *perhaps taken* until the new
/// transaction shows in the list; from then on it is watched by its id like any other refresh.
///
/// - SeeAlso: Power BI REST API, *Dataflows - Refresh Dataflow*, *Get Dataflow Transactions*.
struct DataflowEndpoint: RefreshEndpoint {
    let connection: PowerBIConnection
    let address: DataflowAddress
    /// `default` or `processFull`.
    let processType: String

    var target: String { address.target }

    func history(top: Int) async -> RemoteReply<RefreshHistory> {
        await connection.client.call("GET", "\(address.path)/transactions") { response in
            WireObject(parsing: response.body)?.objects("value").map { entries in
                // The order is not documented.
                let records = entries.map(Self.record).sorted { Self.start($0) > Self.start($1) }
                return RefreshHistory(Array(records.prefix(top)))
            }
        }
    }

    func start(_ body: String) async -> RemoteReply<RefreshMachine.Acceptance> {
        let path = "\(address.path)/refreshes?processType=\(processType)"
        var reply: RemoteReply<RefreshMachine.Acceptance> = await connection.client.callOnce("POST", path, body: body) {
            response,
            _ in
            // A proxy may answer 200 with a page of its own; this answer has no body, or a JSON one.
            response.body.isEmpty || WireJSON.parse(response.body) != nil ? .init(requestID: nil) : nil
        }
        if case .refusal(var refusal) = reply.result, refusal.message.contains("SPNBasedRefreshNotAllowed") {
            refusal.reason = .denied
            refusal.message +=
                "; an application may not refresh this dataflow: let a user own it and schedule it, or "
                + "load its data in another way"
            reply.result = .refusal(refusal)
        }
        return reply
    }

    func details(of id: String) async -> RemoteReply<RefreshRecord> {
        let reply = await history(top: .max)
        let result: RemoteReply<RefreshRecord>.Result =
            switch reply.result {
            case .answer(let history):
                history[id].map { .answer($0) } ?? .refusal(Refusal(.notFound, "there is no transaction \(id)"))
            case .refusal(let refusal): .refusal(refusal)
            case .silence(let silence): .silence(silence)
            }
        return RemoteReply(
            result,
            retryAfter: reply.retryAfter,
            serverTime: reply.serverTime,
            evidence: reply.evidence
        )
    }

    func cancel(_ id: String) async -> RemoteReply<RefreshMachine.Cancellation> {
        let path = "\(address.group)/dataflows/transactions/\(FormEncoding.encode(id))/cancel"
        var reply: RemoteReply<String> = await connection.client.call("POST", path) { response in
            WireObject(parsing: response.body)?.text("status")?.lowercased()
        }
        // Answered with 200 all the same.
        if case .answer("notfound") = reply.result {
            reply.result = .refusal(Refusal(.notFound, "there is no transaction \(id)"))
        }
        let result: RemoteReply<RefreshMachine.Cancellation>.Result =
            switch reply.result {
            case .answer: .answer(.init())
            case .refusal(let refusal): .refusal(refusal)
            case .silence(let silence): .silence(silence)
            }
        return RemoteReply(result, retryAfter: reply.retryAfter, evidence: reply.evidence)
    }

    func drop() async { await connection.directory.drop(address) }

    private static func start(_ record: RefreshRecord) -> Timestamp { record.startedAt ?? Timestamp(milliseconds: 0) }

    /// A transaction in the words of a model's refresh; every dataflow is refreshed whole.
    private static func record(_ wire: WireObject) -> RefreshRecord {
        let status = wire.text("status")
        let isScheduled = wire.text("refreshType")?.lowercased() == "scheduled"
        return RefreshRecord(
            requestID: wire.text("id"),
            source: isScheduled ? "Scheduled" : "ViaApi",
            startedAt: wire.time("startTime"),
            endedAt: wire.time("endTime"),
            status: status?.lowercased() == "success" ? "Completed" : status
        )
    }
}
