import Foundation
import FoundationNetworking
import Testing

/// `freshet emulator`, and what it saw.
final class Emulator: Sendable {
    private let process: Running
    private let folder: TemporaryFolder
    let ready: JSON

    /// Starts one in which a refresh takes so many seconds; a secure one listens for HTTPS too.
    init(duration: Double = 0.2, isSecure: Bool = false) async throws {
        folder = try TemporaryFolder()
        var command = [Place.binary, "emulator", "--refresh-duration", "\(duration)"]
        // It is killed in the end, and could not clean up after itself.
        if isSecure { command += ["--tls", "--tls-directory", folder.path + "/tls"] }
        let process = try Running(command, in: folder.path)
        self.process = process
        ready = try await eventually("the emulator's ready line") {
            process.output.contains("\n") ? try JSON(parsing: process.output) : nil
        }
    }

    /// What the projects of these tests read from the environment to reach it.
    var environment: [String: String] {
        [
            "POWERBI_TENANT_ID": ready["tenant_id"].text ?? "", "POWERBI_CLIENT_ID": ready["client_id"].text ?? "",
            "POWERBI_CLIENT_SECRET": ready["client_secret"].text ?? "",
            "POWERBI_AUTHORITY_URL": ready["authority_url"].text ?? "",
            "POWERBI_API_URL": ready["powerbi_url"].text ?? "",
        ]
    }

    /// The refreshes that were asked for, oldest first.
    func posts() async throws -> [Post] {
        try await ask("ledger?kind=refresh_post").list.map { entry in
            Post(model: entry["model_name"].text ?? "", body: entry["body"])
        }
    }

    /// What really became of all refreshes of a model.
    func refreshes(of model: String) async throws -> [JSON] { try await ask("models/\(model)")["refreshes"].list }

    /// Lets the next refresh of a model fail, with an error such as `{"code": "…"}`.
    func failNext(_ model: String, _ error: String = "{}") async throws {
        let action = #"{"end": "Failed", "error": \#(error)}"#
        let fault = #"{"match": {"kind": "refresh_post", "model": "\#(model)"}, "action": \#(action)}"#
        _ = try await ask("faults", posting: fault)
    }

    func ask(_ path: String, posting body: String? = nil) async throws -> JSON {
        var request = URLRequest(url: try #require(URL(string: "\(ready["control_url"].text ?? "")/\(path)")))
        if let body {
            request.httpMethod = "POST"
            request.httpBody = Data(body.utf8)
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        let text = String(decoding: data, as: UTF8.self)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        try #require((200..<300).contains(status), "\(path) answered \(status): \(text)")
        return text.isEmpty ? JSON(NSNull()) : try JSON(parsing: text)
    }

    struct Post: Sendable, CustomStringConvertible {
        var model: String
        var body: JSON

        /// `table` or `table/partition`, sorted; empty for the whole model.
        var objects: [String] {
            body["objects"].list
                .map { [$0["table"].text, $0["partition"].text].compactMap { $0 }.joined(separator: "/") }
                .sorted()
        }
        var description: String { "\(model) \(body)" }
    }
}
