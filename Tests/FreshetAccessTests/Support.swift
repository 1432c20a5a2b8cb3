import Foundation
import FreshetCore
import FreshetCrypto
import FreshetKit
import FreshetTesting
import Synchronization

@testable import FreshetAccess

/// 2026-01-01T00:00:00Z.
let start = Timestamp(milliseconds: 1_767_225_600_000)

/// Bytes that differ with each call, and are the same in each test run.
func countingEntropy() -> Entropy {
    let calls = Mutex(UInt8(0))
    return Entropy { count throws(CryptoError) in
        let call = calls.withLock { number in
            number &+= 1
            return number
        }
        return (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) &+ call }
    }
}

extension Entropy {
    /// As on a machine whose generator fails.
    static let none = Entropy { _ throws(CryptoError) in throw CryptoError(what: "random bytes") }
}

/// A house with a door: a store, a clock, a gate, and those who may come in.
final class House: Sendable {
    let store = MemoryAccessStore()
    let clock = ManualClock(at: start)
    let entropy = countingEntropy()
    let bench: PasswordBench
    let signIn: SignIn
    let accounts: Accounts
    let gate: AccessGate
    let listener: Listener

    static let owner = Actor("user:root")
    static let loopback = Listener(address: ListenAddress("127.0.0.1:8640")!)

    init(_ listener: Listener = House.loopback, files: [String] = []) {
        self.listener = listener
        // Scrypt at its least: nothing here is about what it costs.
        bench = PasswordBench(entropy, cost: ScryptCost(logN: 4, r: 8, p: 1))
        signIn = SignIn(store: store, epoch: Epoch(1), clock: clock, entropy: entropy, bench: bench)
        accounts = Accounts(
            store: store,
            epoch: Epoch(1),
            clock: clock,
            entropy: entropy,
            chance: { Double.random(in: 0..<1) },
            graph: Self.graph,
            bench: bench
        )
        gate = AccessGate(
            store: store,
            epoch: Epoch(1),
            clock: clock,
            table: .freshet(files: files),
            listener: listener,
            owner: Self.owner
        )
    }

    /// `group:sales` is one of two.
    static let graph: AssetGraph = {
        let specs = [
            AssetSpec(key: "powerbi/retail/sales", labels: Labels(group: "sales")),
            AssetSpec(key: "powerbi/retail/stock", labels: Labels(group: "stock")),
        ]
        // Two assets that do not depend on each other are a graph.
        return (try? AssetGraph(specs)) ?? { preconditionFailure("no graph") }()
    }()

    static let requester = Accounts.Requester(actor: owner, method: .socket)
    static let password = "ein Esel liest nie"
    static let visitor = SignIn.Visitor(address: "192.0.2.7", agent: "Browser/1", session: nil, isSecure: false)

    func add(_ name: String, _ role: AccessRole) async throws {
        try await accounts.add(name, title: nil, role: role, password: Self.password, by: Self.requester)
    }

    /// Signs in with the password that everybody here has.
    func enter(_ name: String, _ visitor: SignIn.Visitor = House.visitor) async throws -> SignedIn {
        let answer = try await signIn.withPassword(Self.password, user: name, visitor)
        guard case .signedIn(let session) = answer else { throw Unexpected("\(name) did not get in: \(answer)") }
        return session
    }

    func token(
        _ name: String,
        _ role: AccessRole?,
        sources: [String]? = nil,
        assets: String? = nil,
        user: String? = nil
    ) async throws -> Credential {
        let request = TokenRequest(name: name, role: role, sources: sources, assets: assets, user: user)
        return try await accounts.create(request, by: Self.requester).credential
    }

    /// The link of the badges of these assets.
    func badge(_ name: String, of assets: String) async throws -> Credential {
        let request = TokenRequest(name: name, role: nil, assets: assets, isBadge: true)
        return try await accounts.create(request, by: Self.requester).credential
    }

    func actions() async throws -> [String] { try await store.audit(AuditQuery(limit: 100)).map(\.entry.action) }
}

struct Unexpected: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

extension SignedIn {
    /// As the browser sends it back.
    var sentBack: String { String(cookie.prefix { $0 != ";" }) }
}

extension AccessRequest {
    /// One over loopback, as a page of ours sends it.
    static func page(
        _ method: String,
        _ target: String,
        _ session: SignedIn? = nil,
        _ more: KeyValuePairs<String, String> = [:]
    ) -> AccessRequest {
        var headers: HTTPHeaders = ["Host": "127.0.0.1:8640"]
        if let session { headers["Cookie"] = session.sentBack }
        if method != "GET" {
            headers["Origin"] = "http://127.0.0.1:8640"
            headers["Sec-Fetch-Site"] = "same-origin"
            if let session { headers["X-CSRF-Token"] = session.csrfToken }
        }
        for (name, value) in more { headers[name] = value.isEmpty ? nil : value }
        return AccessRequest(method, target, over: .tcp, from: "127.0.0.1", headers: headers)
    }

    /// One of a machine that has a token.
    static func machine(_ method: String, _ target: String, _ token: Credential) -> AccessRequest {
        let headers: HTTPHeaders = ["Host": "127.0.0.1:8640", "Authorization": "Bearer \(token.text)"]
        return AccessRequest(method, target, over: .tcp, from: "192.0.2.8", headers: headers)
    }

    static func socket(_ method: String, _ target: String, _ headers: HTTPHeaders = [:]) -> AccessRequest {
        AccessRequest(method, target, over: .unix, from: nil, headers: headers)
    }
}

extension GateAnswer {
    var admission: Admission? { if case .admitted(let admission) = self { admission } else { nil } }
    var refusal: AccessRefusal? { if case .refused(let refusal) = self { refusal } else { nil } }
    var status: Int { refusal?.words.status ?? 200 }
}
