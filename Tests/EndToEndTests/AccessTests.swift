import Foundation
import FoundationNetworking
import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"), .serialized)
struct `Who may come in` {
    static let password = "ein Esel liest nie"

    /// What a daemon answered.
    struct Answer {
        var status: Int
        var document: JSON
        var cookie: String?
    }

    /// A daemon that listens, and where.
    struct House {
        let shop: Project
        let daemon: Running
        let address: String

        init() async throws {
            let (shop, _) = try await Project.shop()
            try await self.init(shop)
        }

        init(_ shop: Project) async throws {
            self.shop = shop
            let daemon = try shop.start("up", "--listen", "127.0.0.1:0")
            self.daemon = daemon
            address = try await eventually("the daemon's address") {
                daemon.errors.firstMatch(of: #/listening on (http://[0-9.:]+)/#).map { String($0.1) }
            }
        }

        func ask(
            _ method: String,
            _ path: String,
            _ body: String? = nil,
            _ headers: [String: String] = [:]
        ) async throws -> Answer {
            var request = URLRequest(url: try #require(URL(string: address + path)))
            request.httpMethod = method
            request.httpBody = body.map { Data($0.utf8) }
            request.httpShouldHandleCookies = false
            if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            let session = URLSession(configuration: .ephemeral)
            let (data, response) = try await session.data(for: request)
            let answer = try #require(response as? HTTPURLResponse)
            let text = String(decoding: data, as: UTF8.self)
            return Answer(
                status: answer.statusCode,
                document: (try? JSON(parsing: text)) ?? JSON(text),  // A page is no document.
                cookie: answer.value(forHTTPHeaderField: "Set-Cookie").map { String($0.prefix { $0 != ";" }) }
            )
        }

        /// Signs in, and gives what effects have to show.
        func enter(_ body: String) async throws -> [String: String] {
            let answer = try await ask("POST", "/api/v1/session", body)
            #expect(answer.status == 200, "\(answer.document)")
            return ["Cookie": answer.cookie ?? "", "X-CSRF-Token": answer.document["csrf_token"].text ?? ""]
        }
    }

    private func add(_ name: String, _ role: String, to shop: Project) async throws {
        try await Running(
            [Place.binary, "users", "add", name, "--role", role],
            in: shop.folder,
            environment: shop.environment,
            input: Self.password + "\n"
        ).ended().expect()
    }

    @Test func `strangers see the sign-in page and nothing that is behind it`() async throws {
        let house = try await House()
        for path in ["/", "/login", "/main.js", "/healthz", "/api/v1/session"] {
            #expect(try await house.ask("GET", path).status == 200, "\(path)")
        }
        for path in ["/api/v1/board", "/api/v1/nothing", "/metrics", "/api/v1/openapi.json", "/api/v1/users"] {
            #expect(try await house.ask("GET", path).status == 401, "\(path)")
        }
        #expect(try await house.ask("GET", "/login", nil, ["Host": "evil.test"]).status == 403)
    }

    @Test func `a link opens the pages once`() async throws {
        let house = try await House()
        let url = try #require(try await house.shop.ask("ui")["url"].text)
        #expect(url.hasPrefix(house.address + "/login#token=frl_"))
        let body = #"{"method": "link", "token": "\#(url.split(separator: "=").last ?? "")"}"#
        let headers = try await house.enter(body)
        #expect(try await house.ask("GET", "/api/v1/users", nil, headers).status == 200)
        #expect(try await house.ask("POST", "/api/v1/session", body).status == 401)
    }

    @Test func `a user signs in, may what their role may, and is kept out at once`() async throws {
        let house = try await House()
        try await add("ana", "operator", to: house.shop)
        let body = #"{"method": "password", "user": "ana", "password": "\#(Self.password)"}"#
        let headers = try await house.enter(body)
        #expect(try await house.ask("GET", "/api/v1/board", nil, headers).status == 200)
        #expect(try await house.ask("GET", "/api/v1/audit", nil, headers).status == 403)
        var effect = headers
        effect["Idempotency-Key"] = UUID().uuidString
        let pause = #"{"paused": true, "scope": "everything"}"#
        var bare = effect
        bare["X-CSRF-Token"] = nil
        #expect(
            try await house.ask("POST", "/api/v1/pauses", pause, bare).document["type"].text
                == "urn:freshet:problem:csrf"
        )
        #expect(try await house.ask("POST", "/api/v1/pauses", pause, effect).status != 403)
        try await house.shop.freshet("users", "disable", "ana").expect()
        #expect(try await house.ask("GET", "/api/v1/board", nil, headers).status == 401)
        #expect(try await house.ask("POST", "/api/v1/session", body).status == 401)
        let users = try await house.shop.ask("users", "list")["users"]
        #expect(users.list.map { $0["name"].text } == ["ana"])
        #expect(users[0]["disabled_at"].isNull == false)
    }

    @Test func `a token works until it is revoked, and stands nowhere`() async throws {
        let house = try await House()
        let made = try await house.shop.freshet("tokens", "create", "ci", "--role", "viewer", "--expires", "1h")
            .expect()
        let token = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(token.hasPrefix("frt_"))
        let headers = ["Authorization": "Bearer \(token)"]
        #expect(try await house.ask("GET", "/metrics", nil, headers).status == 200)
        #expect(try await house.ask("POST", "/api/v1/runs", "{}", headers).status == 403)
        try await house.shop.freshet("tokens", "revoke", "ci").expect()
        #expect(try await house.ask("GET", "/metrics", nil, headers).status == 401)
        house.daemon.signal(SIGTERM)
        try await house.daemon.ended(within: .seconds(25)).expect(0)
        let folder = house.shop.folder + "/.freshet"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let bytes = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
            #expect(bytes.range(of: Data(token.utf8)) == nil, "\(name)")
        }
        #expect(!house.daemon.errors.contains(token) && !house.daemon.output.contains(token))
    }

    @Test func `users are kept without a daemon too, and a mistake has a mend`() async throws {
        let (shop, _) = try await Project.shop()
        try await add("ana", "admin", to: shop)
        let wrong = try await shop.freshet("users", "role", "anna", "viewer").expect(2)
        #expect(wrong.errors.contains("there is no user 'anna'"))
        #expect(wrong.errors.contains("did you mean 'ana'?"))
        let last = try await shop.freshet("users", "disable", "ana").expect(2)
        #expect(last.errors.contains("make somebody else an admin first"))
        let house = try await House(shop)
        _ = try await house.enter(#"{"method": "password", "user": "ana", "password": "\#(Self.password)"}"#)
    }

    @Test func `a daemon does not listen for others without login and encryption`() async throws {
        let (shop, _) = try await Project.shop()
        let refused = try await shop.freshet("up", "--listen", "0.0.0.0:0").expect(2)
        for words in ["external_url", "freshet users add", "trusted_proxies"] {
            #expect(refused.errors.contains(words), "\(words)")
        }
        let lines = refused.errors.split(separator: "\n")
        #expect(lines.first == "error: 3 things speak against listening there:")
        #expect(lines.dropFirst().count == 3 && lines.dropFirst().allSatisfy { $0.hasPrefix("  - ") })
    }

    @Test func `nobody is asked for a password for a name that cannot be one`() async throws {
        let (shop, _) = try await Project.shop()
        for command in [["users", "add", "Bob", "--role", "viewer"], ["users", "password", "Bob"]] {
            let refused = try await shop.freshet(command).expect(2)
            #expect(!refused.errors.contains("password"), "\(refused.errors)")
            #expect(refused.errors.contains(command.contains("add") ? "lower-case letters" : "there is no user 'Bob'"))
        }
    }
}
