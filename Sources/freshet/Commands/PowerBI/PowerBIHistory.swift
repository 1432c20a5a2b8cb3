import ArgumentParser
import FoundationEssentials
import FreshetCore
import FreshetKit
import FreshetPowerBI
import FreshetView

struct PowerBIHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List a model's refreshes, the newest first, with who asked for each.",
        usage: "freshet powerbi history <asset> [options]",
        discussion: """
            Merges what Power BI remembers with what Freshet does; '!' marks what is not Freshet's own.
            """
    )

    @OptionGroup var model: ModelOptions

    @Option(name: .shortAndLong, help: "How many; Power BI keeps at most 60.")
    var limit = 20

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit has to be 1 or more") }
    }

    func run() async throws {
        let (session, target) = try await model.open(options)
        let entries = try await session.ask { () throws(ReadingError) in try await session.reading.history(of: target) }
        let operations = try await Self.operations(on: target, session.project)
        let rows = Array(RefreshAccount.merge(entries, operations).prefix(limit))
        let output = session.output
        if options.json {
            let foreign = rows.count(where: \.isForeign)
            return output.document(
                "freshet.powerbi_history/1",
                [
                    "target": .text(target), "foreign": .integer(Int64(foreign)), "refreshes": .list(rows.map(\.json)),
                ]
            )
        }
        guard !rows.isEmpty else { return output.line("Power BI remembers no refresh of it, and neither does Freshet") }
        let now = Wiring.clock.now
        var table = Table(["", "BEGAN", "TOOK", "STATUS", "ASKED FOR BY"])
        for row in rows {
            let paint: @Sendable (String) -> String = row.isForeign ? output.style.yellow : output.style.plain
            table.add([
                Table.Cell(row.isForeign ? "!" : " ", paint),
                Table.Cell(row.startedAt.map { (now - $0).ago } ?? "–"),
                Table.Cell(row.duration?.briefly ?? "–"), Table.Cell(row.status), Table.Cell(row.who, paint),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }

    /// What the store knows; nothing where there is no store yet.
    static func operations(on target: String, _ project: Project) async throws -> [RemoteOperation] {
        guard FileManager.default.fileExists(atPath: project.store) else { return [] }
        let store = try await Wiring.openReader(project.store)
        do throws(StoreError) {
            let operations = try await store.operations(on: target, limit: 500)
            await store.close()
            return operations
        } catch {
            await store.close()
            throw Failure.store(error, path: project.store)
        }
    }
}

/// One refresh as both sides tell it.
struct RefreshAccount {
    var requestID: String?
    var startedAt: Timestamp?
    var endedAt: Timestamp?
    /// The service's own word; Freshet's state where the service does not know the refresh.
    var status: String
    /// The service's own word for where it came from.
    var source: String?
    /// Freshet's operation, where it asked for the refresh or took it up.
    var operation: RemoteOperation?
    var isForeign: Bool

    var duration: Duration? {
        guard let startedAt, let endedAt, endedAt >= startedAt else { return nil }
        return endedAt - startedAt
    }

    var who: String {
        let source = source ?? "not in Power BI's history"
        if let operation, !isForeign { return "freshet run \(operation.run) (\(source))" }
        let taken = operation.map { ", taken up by freshet run \($0.run)" } ?? ""
        switch source.lowercased() {
        case "scheduled": return "its own schedule (\(source))\(taken)"
        case "ondemand": return "a person in the portal (\(source))\(taken)"
        default: return "another program (\(source))\(taken)"
        }
    }

    var json: JSONValue {
        [
            "request_id": Documents.text(requestID), "started_at": Documents.time(startedAt),
            "ended_at": Documents.time(endedAt), "status": .text(status), "refresh_type": Documents.text(source),
            "foreign": .boolean(isForeign), "asked_for_by": .text(who),
            "run": Documents.text(operation?.run), "operation_state": Documents.text(operation?.state.rawValue),
        ]
    }

    /// The newest first.
    static func merge(_ entries: [RefreshRecord], _ operations: [RemoteOperation]) -> [RefreshAccount] {
        let byID = Dictionary(operations.compactMap { op in op.requestID.map { ($0.lowercased(), op) } }) { first, _ in
            first
        }
        var accounts = entries.map { entry in
            let operation = entry.requestID.flatMap { byID[$0.lowercased()] }
            return RefreshAccount(
                requestID: entry.requestID,
                startedAt: entry.startedAt,
                endedAt: entry.endedAt,
                status: entry.extendedStatus ?? entry.status ?? "Unknown",
                source: entry.source,
                operation: operation,
                // Without a body of its own, the operation took up what somebody else had asked for.
                isForeign: operation.map(\.bodyHash.isEmpty) ?? true
            )
        }
        let listed = Set(entries.compactMap { $0.requestID?.lowercased() })
        for operation in operations where !(operation.requestID.map { listed.contains($0.lowercased()) } ?? false) {
            accounts.append(
                RefreshAccount(
                    requestID: operation.requestID,
                    startedAt: operation.preparedAt,
                    status: operation.state.rawValue,
                    operation: operation,
                    isForeign: false
                )
            )
        }
        return accounts.sorted { ($0.startedAt?.milliseconds ?? .max) > ($1.startedAt?.milliseconds ?? .max) }
    }
}
