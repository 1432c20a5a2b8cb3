package import FreshetCore
internal import FreshetEntra
internal import FreshetKit

/// What a person wants to see of the service, read as the engine itself reads it.
package struct ServiceReading: Sendable {
    package let connection: PowerBIConnection

    package init(_ connection: PowerBIConnection) { self.connection = connection }

    /// A workspace that the application may see.
    package struct Workspace: Hashable, Sendable {
        package var id: String
        package var name: String
        package var isOnDedicatedCapacity: Bool?
        package var capacityID: String?
        /// True where the application may look and not refresh.
        package var isReadOnly: Bool
    }

    /// A semantic model.
    package struct Model: Hashable, Sendable {
        package var id: String
        package var name: String
        /// The owner: a user's address, or something else for an application.
        package var configuredBy: String?
        package var isRefreshable: Bool?
        /// `Abf` for the small, `PremiumFiles` for the large storage format.
        package var storageMode: String?
    }

    /// The service's own schedule of a model; nothing in it is translated.
    package struct Schedule: Hashable, Sendable {
        package var isEnabled: Bool
        package var days: [String]
        /// `HH:MM`, in the zone below.
        package var times: [String]
        /// A Windows zone name, such as `Central Standard Time`.
        package var zone: String?
        package var notifyOption: String?
    }

    /// Every workspace that the application may see, in the service's order.
    ///
    /// - Throws: ``ReadingError``.
    package func workspaces() async throws(ReadingError) -> [Workspace] {
        try await list("groups", isPaged: true) { wire in
            guard let id = wire.text("id"), let name = wire.text("name") else { return nil }
            return Workspace(
                id: id,
                name: name,
                isOnDedicatedCapacity: wire.boolean("isOnDedicatedCapacity"),
                capacityID: wire.text("capacityId"),
                isReadOnly: wire.boolean("isReadOnly") ?? false
            )
        }
    }

    /// The models of a workspace, named by name or id.
    package func models(in workspace: String) async throws(ReadingError) -> [Model] {
        let id: String
        do {
            id = try await connection.directory.findWorkspace(workspace)
        } catch {
            throw ReadingError(error)
        }
        return try await list("groups/\(FormEncoding.encode(id))/datasets", isPaged: false) { wire in
            guard let id = wire.text("id"), let name = wire.text("name") else { return nil }
            return Model(
                id: id,
                name: name,
                configuredBy: wire.text("configuredBy"),
                isRefreshable: wire.boolean("isRefreshable"),
                storageMode: wire.text("targetStorageMode")
            )
        }
    }

    /// - Returns: the model's address as a ``RemoteOperation/target``.
    package func target(workspace: String, model: String) async throws(ReadingError) -> String {
        do {
            return try await connection.directory.find(workspace: workspace, model: model).target
        } catch {
            throw ReadingError(error)
        }
    }

    /// The refreshes of a model, whoever asked for them, the newest first.
    ///
    /// The service keeps at most 60, for about seven days.
    package func history(of target: String, top: Int = 60) async throws(ReadingError) -> [RefreshRecord] {
        let reply = await connection.client.history(of: try address(target), top: top)
        return try value(reply).entries
    }

    package func schedule(of target: String) async throws(ReadingError) -> Schedule {
        let path = try address(target).path + "/refreshSchedule"
        let reply: RemoteReply<Schedule> = await connection.client.call("GET", path) { response in
            guard let wire = WireObject(parsing: response.body), let isEnabled = wire.boolean("enabled") else {
                return nil
            }
            return Schedule(
                isEnabled: isEnabled,
                days: wire.texts("days") ?? [],
                times: wire.texts("times") ?? [],
                zone: wire.text("localTimeZoneId"),
                notifyOption: wire.text("notifyOption")
            )
        }
        return try value(reply)
    }

    private func address(_ target: String) throws(ReadingError) -> ModelAddress {
        guard let address = ModelAddress(target: target) else {
            throw ReadingError(.configuration, "'\(target)' is not a semantic model")
        }
        return address
    }

    private func value<Value>(_ reply: RemoteReply<Value>) throws(ReadingError) -> Value {
        switch reply.result {
        case .answer(let value): return value
        case .refusal(let refusal): throw ReadingError(.refused(refusal))
        case .silence(let silence): throw ReadingError(.unanswered(silence, retryAfter: reply.retryAfter))
        }
    }

    private func list<Entry: Hashable & Sendable>(
        _ path: String,
        isPaged: Bool,
        _ decode: @escaping @Sendable (WireObject) -> Entry?
    ) async throws(ReadingError) -> [Entry] {
        var entries: [Entry] = []
        for page in 0..<50 {
            let query = isPaged ? "?$top=1000&$skip=\(page * 1000)" : ""
            let reply: RemoteReply<[Entry]> = await connection.client.call("GET", path + query) { response in
                WireObject(parsing: response.body)?.objects("value")?.compactMap(decode)
            }
            let found = try value(reply)
            // A list that is not paged repeats itself.
            let new = found.filter { !entries.contains($0) }
            entries += new
            if !isPaged || found.count < 1000 || new.isEmpty { break }
        }
        return entries
    }
}

/// Why something cannot be read from the service, for a person; free of secrets.
package struct ReadingError: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: FailureCode
    package var description: String

    init(_ code: FailureCode, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ error: LookupError) {
        let failure = error.stepFailure(at: Timestamp(milliseconds: 0))
        self.init(failure.code, failure.message)
    }
}
