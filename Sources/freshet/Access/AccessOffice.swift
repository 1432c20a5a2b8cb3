import FreshetCore
import FreshetKit

/// Where commands ask about users and tokens: the daemon, or the store itself where none is up.
struct AccessOffice {
    private let project: Project

    init(_ options: ProjectOptions) throws { project = try options.loadProject() }

    /// - Returns: the answer's members; none of an answer without a body.
    /// - Throws: ``Failure/accessRefused(_:mend:)`` with what the answer says.
    func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> [String: JSONValue] {
        let client = try DaemonClient(store: project.store)
        let isUp = await client.isRunning()
        let (status, document) =
            isUp ? try await client.ask(method, "/api/v1" + path, body) : try await askStore(method, path, body)
        guard (200..<300).contains(status) else {
            let words = document?["detail"]?.text ?? "the daemon refused with status \(status)"
            throw Failure.accessRefused(
                words.asProblem,
                mend: document?["nearest"]?.text.map { "did you mean '\($0)'?" }
            )
        }
        return document?.object ?? [:]
    }

    private func askStore(
        _ method: String,
        _ path: String,
        _ body: JSONValue?
    ) async throws -> (status: Int, document: JSONValue?) {
        let store = try await Wiring.openWriter(project.store)
        do throws(StoreError) {
            let epoch = try await store.claim(owner: "access", at: Wiring.clock.now)
            let door = Door(store: store, epoch: epoch, project: project, listener: nil)
            let answer = await door.ask(method, "/api/v1" + path, body)
            await store.close()
            return answer
        } catch {
            await store.close()
            throw Failure.store(error, path: project.store)
        }
    }
}

extension String {
    /// A sentence as the command line words problems: no capital, no full stop.
    var asProblem: String {
        let text = hasSuffix(".") ? String(dropLast()) : self
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
