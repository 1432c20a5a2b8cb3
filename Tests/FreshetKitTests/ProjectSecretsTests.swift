import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization
import Testing

struct `Secrets of declared backends` {
    private let clock = ManualClock()
    private let redactor = Redactor()
    private let backend = Keeper(from: [
        "powerbi": "first-value", "db": #"{"user":"u","password":"hush-hush","port":5432}"#,
    ])

    private func secrets(_ variables: [String: String] = [:], cache: Duration = .seconds(300)) -> ProjectSecrets {
        ProjectSecrets(
            process: ProcessSecrets(root: "/nowhere", redactor: redactor) { variables[$0] },
            backends: [ProjectSecrets.Declared(name: "keys", backend: backend, cache: cache)],
            redactor: redactor,
            clock: clock
        )
    }

    @Test func `stand beside those of the process`() async throws {
        let text = try await secrets(["A": "plain", "B": "hidden-b"]).resolve(
            "${env:A} ${secret:env/B} ${secret:keys/powerbi} $$"
        )
        #expect(text == "plain hidden-b first-value $")
        #expect(redactor.redact(text) == "plain [redacted] [redacted] $")
    }

    @Test func `a field of a JSON object is picked, and alone learned`() async throws {
        let secrets = secrets()
        #expect(try await secrets.resolve("${secret:keys/db#password}:${secret:keys/db#port}") == "hush-hush:5432")
        #expect(redactor.redact("hush-hush u") == "[redacted] u")
        #expect(backend.asked == ["db"])
    }

    @Test func `a field that is not there is told with those that are`() async {
        let error = await #expect(throws: SecretError.self) { try await secrets().resolve("${secret:keys/db#pass}") }
        #expect(error == .noField(reference: "${secret:keys/db#pass}", known: ["password", "port", "user"]))
        #expect(error?.description.contains("hush") == false)
    }

    @Test func `a version is asked for by its own`() async throws {
        let secrets = secrets()
        #expect(try await secrets.resolve("${secret:keys/powerbi@2}") == "first-value@2")
        #expect(try await secrets.resolve("${secret:keys/powerbi}") == "first-value")
    }

    @Test func `are kept for their time, and then read again`() async throws {
        let secrets = secrets(cache: .seconds(60))
        for _ in 0..<3 { _ = try await secrets.resolve("${secret:keys/powerbi}") }
        clock.advance(by: .seconds(59))
        _ = try await secrets.resolve("${secret:keys/powerbi}")
        #expect(backend.asked.count == 1)
        backend.set("powerbi", "second-value")
        clock.advance(by: .seconds(1))
        #expect(try await secrets.resolve("${secret:keys/powerbi}") == "second-value")
        #expect(backend.asked.count == 2)
    }

    @Test func `a clock that is set back does not make one last longer`() async throws {
        let secrets = secrets()
        _ = try await secrets.resolve("${secret:keys/powerbi}")
        clock.set(to: clock.now - .seconds(3600))
        _ = try await secrets.resolve("${secret:keys/powerbi}")
        #expect(backend.asked.count == 2)
    }

    @Test func `one that was forgotten is read again, the others are not`() async throws {
        let secrets = secrets()
        _ = try await secrets.resolve("${secret:keys/powerbi}${secret:keys/db#user}")
        backend.set("powerbi", "second-value")
        await secrets.forget("x${secret:keys/powerbi}")
        #expect(try await secrets.resolve("${secret:keys/powerbi}${secret:keys/db#user}") == "second-valueu")
        #expect(backend.asked == ["powerbi", "db", "powerbi"])
    }

    @Test func `nothing is kept with a cache of nothing`() async throws {
        let secrets = secrets(cache: .zero)
        for _ in 0..<3 { _ = try await secrets.resolve("${secret:keys/powerbi}") }
        #expect(backend.asked.count == 3)
    }

    @Test func `a failure is not kept`() async throws {
        let secrets = secrets()
        await #expect(throws: SecretError.self) { try await secrets.resolve("${secret:keys/new}") }
        backend.set("new", "now-there")
        #expect(try await secrets.resolve("${secret:keys/new}") == "now-there")
    }

    @Test func `one is asked for once however many callers wait`() async throws {
        let secrets = secrets()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await secrets.resolve("${secret:keys/powerbi}") } }
            for try await text in group { #expect(text == "first-value") }
        }
        #expect(backend.asked.count == 1)
    }

    @Test func `an unknown backend is told with those that are known`() async {
        let known = ["env", "file", "systemd", "keys"]
        let expected = SecretError.unknownProvider("vault", reference: "${secret:vault/x}", known: known)
        await #expect(throws: expected) { try await secrets().resolve("${secret:vault/x}") }
    }
}

/// Keeps texts; its versions show.
private final class Keeper: SecretBackend {
    static let name = "keeper"
    static let summary = "A keeper."
    static let fields: [Field] = []
    static let examples: [String] = []
    static let hasVersions = true
    private let state: Mutex<(values: [String: String], asked: [String])>

    init(from values: [String: String]) { state = Mutex((values, [])) }
    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) { state = Mutex(([:], [])) }

    var asked: [String] { state.withLock { $0.asked } }
    func set(_ path: String, _ value: String) { state.withLock { $0.values[path] = value } }

    func fetch(_ reference: SecretReference) async throws(SecretError) -> SecretValue {
        let value = state.withLock { state in
            state.asked.append(reference.path)
            return state.values[reference.path]
        }
        guard let value else { throw .unavailable(backend: "keys", reason: "not there", isTransient: false) }
        return SecretValue(value + (reference.version.map { "@\($0)" } ?? ""))
    }
}
