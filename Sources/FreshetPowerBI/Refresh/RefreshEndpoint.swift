internal import FreshetCore

/// Something of the service that is refreshed, in the words of a ``RefreshMachine``.
protocol RefreshEndpoint: Sendable {
    /// As a ``RemoteOperation/target``.
    var target: String { get }
    /// The newest first, at most `top` entries.
    func history(top: Int) async -> RemoteReply<RefreshHistory>
    /// Sends the request, once.
    func start(_ body: String) async -> RemoteReply<RefreshMachine.Acceptance>
    func details(of id: String) async -> RemoteReply<RefreshRecord>
    func cancel(_ id: String) async -> RemoteReply<RefreshMachine.Cancellation>
    /// Forgets an address that was found by a name: the service does not know it.
    func drop() async
}

/// A semantic model.
struct ModelEndpoint: RefreshEndpoint {
    let connection: PowerBIConnection
    let address: ModelAddress

    var target: String { address.target }

    func history(top: Int) async -> RemoteReply<RefreshHistory> {
        await connection.client.history(of: address, top: top)
    }

    func start(_ body: String) async -> RemoteReply<RefreshMachine.Acceptance> {
        await connection.client.startRefresh(of: address, body: body)
    }

    func details(of id: String) async -> RemoteReply<RefreshRecord> {
        await connection.client.details(of: id, of: address)
    }

    func cancel(_ id: String) async -> RemoteReply<RefreshMachine.Cancellation> {
        await connection.client.cancel(id, of: address)
    }

    func drop() async { await connection.directory.drop(address) }
}
