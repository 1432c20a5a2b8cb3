import FreshetCore
import FreshetKit
import Testing

@testable import FreshetDefinitions

/// A queue that looks like the real one and holds nothing.
struct QueueStandIn: HintSource {
    static let name = "sqs"
    static let summary = "A queue."
    static let fields = [Field("queue_url", .text, required: true, "The queue.")]
    static let examples = ["{queue_url: https://q}"]
    let label: String

    init(from settings: Settings) throws(Diagnostic) { label = "sqs/" + (try settings.requiredText("queue_url")) }

    func receive(waiting patience: Duration, in context: ProbeContext) async throws -> [HintMessage] { [] }
    func acknowledge(_ messages: [HintMessage], in context: ProbeContext) async throws {}
}

/// The section `hints` of freshet.yaml.
struct HintSourceTests {
    private func project(_ hints: String) throws -> TestProject {
        try TestProject(["freshet.yaml": "project: p\nvars: {q: events}\nhints:\n\(hints)"])
    }

    @Test func `names sources of hints`() throws {
        let loaded = try project("  - sqs: {queue_url: \"${var:q}\"}\n  - sqs: {queue_url: other}\n").load()
        #expect(loaded.project.hints.map(\.name) == ["sqs/events", "sqs/other"])
    }

    @Test(arguments: [
        ("  sqs: {}\n", "4:3", "'hints' has to be a list"), ("  - sqs: {queue: q}\n", "4:11", "'queue'"),
        ("  - kafka: {}\n", "4:5", "no kind of source of hints 'kafka'"),
        ("  - sqs: {queue_url: q}\n  - sqs: {queue_url: q}\n", "5:5", "stated twice; the first time in line 4"),
        ("  - {sqs: {queue_url: q}, a: {}}\n", "4:5", "one key"), ("  - sqs: text\n", "4:10", "a mapping"),
    ])
    func `points at mistakes`(hints: String, place: String, words: String) throws {
        let error = #expect(throws: LoadError.self) { try project(hints).load() }
        guard case .invalid(let found)? = error else { return }
        #expect(found.contains { "\($0.origin)" == "freshet.yaml:\(place)" && $0.message.contains(words) }, "\(found)")
    }
}
