import FreshetCore
import FreshetKit
import FreshetTesting
import Logging
import Synchronization

@testable import FreshetServer

/// A server without a network: `sales/a` feeds `sales/b`, and `stock/c` stands by itself.
final class House: Sendable {
    let store = MemoryStore()
    let clock = ManualClock(at: Timestamp(milliseconds: 1_767_225_600_000))
    /// What the engine was told to look at, in order: the assets, then the sensors.
    let hints = Mutex<[[String]]>([])
    /// What the gate was told that routes refused: who, and the operation.
    let refusals = Mutex<[String]>([])
    /// How many bodies were read.
    let bodiesRead = Atomic(0)
    private let epoch: Epoch
    private let context: Mutex<ServerContext?>

    init(requestsPerMinute: Int = RequestPace.usual) async throws {
        let epoch = try await store.claim(owner: "test", at: clock.now)
        self.epoch = epoch
        context = Mutex(nil)
        let specs = [
            AssetSpec(key: "sales/a"), AssetSpec(key: "sales/b", dependencies: ["sales/a"]), AssetSpec(key: "stock/c"),
        ]
        let project = try Project.sample(of: specs)
        let notices = Notices(
            trigger: { _ in },
            cancel: { _, _ in },
            pause: { _, _ in },
            reset: { _ in },
            hint: { [weak self] hints, sensors in
                self?.hints.withLock { $0.append(hints.compactMap(\.assetName) + sensors.map { "sensor:\($0)" }) }
                return sensors
            },
            reload: {}
        )
        let outside = Outside(
            look: { _, _ in Outside.Sight(observed: [:], failures: []) },
            tryLook: { _ in nil },
            settings: { _ in [] },
            candidates: { _ in .none },
            files: { ConfigReport(loadedAt: Timestamp(milliseconds: 0), files: [], diagnostics: [], next: nil) },
            page: { _ in nil },
            contract: []
        )
        context.withLock { [clock, store] in
            var context = ServerContext(
                project: project,
                store: store,
                epoch: epoch,
                clock: clock,
                chance: { 0.5 },
                notices: notices,
                outside: outside,
                hooks: Receiver(),
                version: "test"
            )
            context.pace = RequestPace(perMinute: requestsPerMinute)
            $0 = context
        }
    }

    /// Sends a request as somebody of this role; `nil` is nobody.
    func ask(
        _ method: String,
        _ path: String,
        query: String? = nil,
        body: String = "",
        length: Int? = nil,
        as role: Role? = nil,
        mayIngest: Bool = false,
        showsBadges: Bool = false,
        bounds: any Bounds = Unbounded()
    ) async -> Answer {
        guard let context = context.withLock({ $0 }) else { return Answer(status: 0) }
        let dispatcher = Dispatcher(
            routes: RouteTable.all,
            gate: Keeper(role: role, mayIngest: mayIngest, showsBadges: showsBadges, bounds: bounds) {
                [weak self] text in
                self?.refusals.withLock { $0.append(text) }
            },
            context: context,
            counts: RequestCounts(),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let bytes = Array(body.utf8)
        let incoming = Dispatcher.Incoming(
            method: method,
            path: path,
            query: query,
            headers: [
                ("content-type", "application/json"), ("idempotency-key", "\(method) \(path)".key),
                ("content-length", String(length ?? bytes.count)),
            ],
            peer: .tcp(address: "192.0.2.1"),
            isTLS: false,
            body: { [weak self] limit in
                self?.bodiesRead.add(1, ordering: .relaxed)
                return limit >= bytes.count ? bytes : nil
            }
        )
        return await dispatcher.answer(incoming)
    }

    /// A run that goes on.
    func begin(_ id: RunID, of assets: [AssetKey]) async throws {
        let run = RunRecord(
            id: id,
            trigger: .manual,
            actor: .engine,
            selected: assets,
            inputs: [:],
            configVersion: "1",
            graphHash: "1",
            createdAt: clock.now
        )
        try await store.begin(run, answering: [], by: Writer(epoch: epoch, actor: .engine))
    }
}

/// Lets everybody in whom the routes then let in.
private struct Keeper: Gate {
    var role: Role?
    var mayIngest: Bool
    var showsBadges: Bool
    var bounds: any Bounds
    var onRefusal: @Sendable (String) -> Void

    func note(_ refusal: Problem, of request: GateRequest, by admission: Admission) async {
        onRefusal("\(admission.actor.name) \(request.route?.operation ?? "")")
    }

    func admit(_ request: GateRequest) async -> GateAnswer {
        let name = role?.rawValue ?? (mayIngest ? "ingest" : "anonymous")
        let admission = Admission(
            actor: Actor("token:\(name)"),
            role: role,
            method: .token,
            mayIngest: mayIngest,
            showsBadges: showsBadges,
            bounds: bounds
        )
        return .admitted(admission)
    }
}

/// The bounds of a token: these assets, these sources.
struct Fence: Bounds {
    var assets: Set<AssetKey>
    var sources: Set<String>

    func reaches(_ assets: Set<AssetKey>, in graph: AssetGraph) -> Bool { assets.isSubset(of: self.assets) }
    func mayPostEvents(of source: String) -> Bool { sources.contains(source) }
}

/// Knows the sources `known` and `other`; each word of a body is a delivery.
private struct Receiver: HookReceiver {
    func receive(
        _ source: String,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) async throws(Problem) -> [HookEvent]? {
        guard ["known", "other"].contains(source) else { return nil }
        let words = String(decoding: body, as: UTF8.self).split(separator: " ").map(String.init)
        if words.contains("forged") { throw Problem(.badSignature, "It does not fit.") }
        return words.map { word in
            let isNews = word != "ping"
            return HookEvent(
                id: word.count < 100 ? word : "long",
                key: word,
                type: "t",
                assets: isNews ? ["sales/a"] : [],
                sensor: isNews ? "dbt" : nil
            )
        }
    }

    func handshake(_ source: String, _ headers: [(name: String, value: String)]) -> [String: String]? {
        source == "known" ? ["WebHook-Allowed-Origin": "eventgrid.azure.net"] : nil
    }
}

extension Hint {
    fileprivate var assetName: String? { if case .asset(let key) = subject { key.path } else { nil } }
}

extension String {
    /// A key for an effect.
    fileprivate var key: String { String(map { $0.isLetter || $0.isNumber ? $0 : "-" }) }
}

extension Answer {
    var text: String? {
        if case .bytes(let bytes, _) = body { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
}

extension Project {
    /// These assets as branches, and nothing else.
    static func sample(of specs: [AssetSpec]) throws -> Project {
        let nothing = Settings(ConfigValue(.object([]), at: Origin(file: "f")))
        return Project(
            name: "test",
            root: "/",
            timeZone: "UTC",
            store: "",
            environment: nil,
            mode: .act,
            connections: [],
            sources: [],
            pools: [:],
            assets: specs.map { AssetDefinition(spec: $0, work: .branch, settings: nothing) },
            graph: try AssetGraph(specs),
            configVersion: "1"
        )
    }
}
