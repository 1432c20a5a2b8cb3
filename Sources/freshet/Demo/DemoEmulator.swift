import FreshetCore
import FreshetCurl
import FreshetKit

/// The emulator's own account of what it was asked.
struct DemoEmulator {
    let control: String
    private let transport: CurlTransport

    init(control: String) throws {
        self.control = control
        transport = try CurlTransport()
    }

    struct Post {
        var sequence: Int64
        var model: String
        var body: JSONValue
    }

    /// Every refresh that anybody asked for after that sequence number.
    func posts(since sequence: Int64 = 0) async throws -> [Post] {
        try await ledger("kind=refresh_post&since=\(sequence)").map { entry in
            Post(
                sequence: entry["seq"]?.integer ?? 0,
                model: entry["model_name"]?.text ?? "",
                body: entry["body"] ?? .null
            )
        }
    }

    /// Everything that Power BI was asked after that sequence number, reads included.
    func requests(since sequence: Int64) async throws -> Int {
        try await ledger("kind=refresh&since=\(sequence)").count
    }

    func lastSequence() async throws -> Int64 {
        try await ledger("").compactMap { $0["seq"]?.integer }.max() ?? 0
    }

    func set(model: String, duration: Double) async throws {
        _ = try await send("POST", "models/\(model)", ["duration": .number(duration)])
    }

    /// Adds models to the workspace of the story.
    func add(models: [(name: String, tables: [String])]) async throws {
        let models: [JSONValue] = models.map { ["name": .text($0.name), "tables": .list($0.tables.map { .text($0) })] }
        _ = try await send("POST", "workspaces/Retail", ["models": .list(models)])
    }

    /// A refresh that somebody else begins now.
    func inject(into model: String, _ refresh: JSONValue) async throws {
        _ = try await send("POST", "models/\(model)", ["inject": refresh])
    }

    func addFault(_ fault: JSONValue) async throws { _ = try await send("POST", "faults", fault) }

    private func ledger(_ query: String) async throws -> [JSONValue] {
        let answer = try await send("GET", "ledger?" + query, nil)
        guard let entries = answer.list else { throw DemoFailure("the ledger is not a list") }
        return entries
    }

    private func send(_ method: String, _ path: String, _ body: JSONValue?) async throws -> JSONValue {
        let request = HTTPRequest(
            method,
            "\(control)/\(path)",
            headers: body == nil ? [:] : ["Content-Type": "application/json"],
            body: body.map { Array($0.serialized().utf8) },
            timeout: .seconds(10)
        )
        let response = try await transport.send(request)
        guard (200..<300).contains(response.status) else {
            throw DemoFailure("the emulator answered \(response.status) to \(method) \(path)")
        }
        return response.body.isEmpty ? .null : try JSONValue(parsing: response.body)
    }
}
