/// Everything the emulator is, as one value: the tenant, its workspaces and buckets, the clock, the script and the ledger.
///
/// It never waits and never touches a socket. Time comes in as readings of the machine's clocks.
struct World: Sendable {
    let options: EmulatorOptions
    var clock: EmulatorClock
    var databricks = Databricks()
    var directory: Directory
    var identifiers: Identifiers
    var ledger: Ledger
    var powerBI: PowerBI
    var script = FaultScript()
    /// The file that everything began with, for `reset`.
    var startScript: EmulatorScript?
    var store: ObjectStore
    var vault: KeyVault

    /// Readings of the machine's clocks, taken together.
    struct Moment: Sendable {
        /// Seconds on a clock that never jumps.
        var uptime: Double
        var wall: Instant

        static var now: Moment { Moment(uptime: MachineClock.uptime, wall: MachineClock.wall) }
    }

    init(_ options: EmulatorOptions, identifiers: Identifiers, at moment: Moment) {
        self.options = options
        self.identifiers = identifiers
        clock = EmulatorClock(anchor: moment.wall, uptime: moment.uptime, speed: options.speed)
        directory = Directory(seed: options.seed, tokenLifetime: options.tokenLifetime)
        powerBI = PowerBI(seed: options.seed, duration: options.refreshDuration, at: moment.wall)
        ledger = Ledger(limit: options.ledgerLimit)
        store = ObjectStore(seed: options.seed, at: moment.wall)
        vault = KeyVault(options.seed.secrets, at: moment.wall, from: &self.identifiers)
    }

    /// A request that arrived: where it goes, and what the script has for it.
    struct Receipt: Sendable {
        var route: Route
        /// Nil for the emulator's own routes, which leave no trace.
        var sequence: Int?
        var action: Fault.Action?
        /// Whether it may leave a state worth keeping: looking at things and storing objects do not.
        var mayChangeState: Bool
    }

    /// Takes note of a request; nothing has happened yet.
    mutating func receive(_ call: Call, at moment: Moment) -> Receipt {
        let route = Route(call)
        let isLook = ["GET", "HEAD"].contains(call.method)
        if case .control = route { return Receipt(route: route, mayChangeState: !isLook) }
        let subject = CallSubject(
            kind: route.kind,
            method: call.method,
            path: String(call.path),
            modelID: route.dataset,
            modelName: route.dataset.flatMap { powerBI.name(of: $0) }
        )
        let fault = script.take(for: subject)
        let now = clock.now(uptime: moment.uptime)
        let sequence = ledger.record(call, subject, at: now, uptime: moment.uptime, fault: fault)
        return Receipt(
            route: route,
            sequence: sequence,
            action: fault?.action,
            mayChangeState: fault != nil || (!isLook && !route.isStorage)
        )
    }

    /// Does what a request asks for, unless its fault forbids.
    ///
    /// - Returns: the answer; nil when the connection is to be closed without one.
    mutating func answer(_ call: Call, _ receipt: Receipt, at moment: Moment) -> Reply? {
        let now = clock.now(uptime: moment.uptime)
        let action = receipt.action
        if action?.drop == .before { return nil }
        if let tokens = action?.tokens { apply(tokens, at: now) }
        // Also when the answer is dropped.
        defer { if action?.restarts == true { restart(at: now) } }
        var reply: Reply
        if let action, let scripted = action.scriptedReply {
            if action.hasEffect { _ = perform(receipt.route, call, at: now, moment, action.script) }
            reply = scripted
        } else {
            reply = perform(receipt.route, call, at: now, moment, action?.script ?? RefreshScript())
            // What a script answers goes out as it is written; the service itself packs what it may (facts E19).
            if receipt.route.isPowerBI, call.acceptsGzip { reply.compress() }
        }
        if action?.drop == .after { return nil }
        if action?.isTruncated == true {
            // An empty body is announced as a little one, so that this too ends too soon.
            reply.announcedLength = max(reply.body.count, 2)
            reply.body = Array(reply.body.prefix(reply.body.count / 2))
            reply.isTruncated = true
        }
        if reply.header("date") == nil { reply.headers.append(("Date", now.http)) }
        if let sequence = receipt.sequence { ledger.answered(sequence, status: reply.status) }
        return reply
    }

    private mutating func perform(
        _ route: Route,
        _ call: Call,
        at now: Instant,
        _ moment: Moment,
        _ script: RefreshScript
    ) -> Reply {
        switch route {
        case .fabric(let route): return answerFabric(route, call, at: now)
        case .control(let segments): return answerControl(segments, call, at: moment)
        case .databricks(let route): return answerDatabricks(route, call, at: now, script)
        case .discovery(let route): return answerDiscovery(route, call)
        case .identity(let route): return answerIdentity(route, call, at: now)
        case .keyVault(let route): return answerKeyVault(route, call, at: now)
        case .powerBI(let route): return answerPowerBI(route, call, at: now, script: script)
        case .admin(let route):
            return admitted(call, at: now) { world throws(PowerBIRefusal) in try world.serve(route, call, at: now) }
        case .content(let route):
            return admitted(call, at: now) { world throws(PowerBIRefusal) in try world.serve(route, call, at: now) }
        case .dataflow(let route):
            return admitted(call, at: now) { world throws(PowerBIRefusal) in
                try world.serve(route, call, at: now, script: script)
            }
        case .s3(let route): return answerS3(route, call, at: now, wall: moment.wall)
        case .token(let tenant, let version):
            return answerToken(TokenRequest(tenant: tenant, version: version, call: call), at: now, wall: moment.wall)
        case .unknown:
            return admitted(call, at: now) { _ throws(PowerBIRefusal) in
                throw .entityNotFound("No such route: \(call.method) \(call.path)")
            }
        }
    }
}

extension Fault.Action {
    /// The answer that takes the place of the real one.
    fileprivate var scriptedReply: Reply? {
        guard status != nil || isHTML else { return nil }
        var reply = Reply(status ?? 200)
        if isHTML {
            reply.headers = [("Content-Type", "text/html; charset=utf-8")]
            reply.body = Array("<!DOCTYPE html><html><head><title>Sign in</title></head></html>".utf8)
        }
        switch body {
        case .string(let text): reply.body = Array(text.utf8)
        case .some(let json): reply = Reply(reply.status, json: json)
        case nil: break
        }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            reply.headers.removeAll { $0.name.lowercased() == name.lowercased() }
            reply.headers.append((name, value))
        }
        return reply
    }
}
