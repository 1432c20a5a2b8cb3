import FreshetCore
package import FreshetKit

/// The one way in: every request over every transport passes here, and nothing else decides.
package struct AccessGate: Sendable {
    private let store: any AccessStore
    private let epoch: Epoch
    private let clock: any EngineClock
    private let table: RouteTable
    /// `nil` where only the Unix socket is open.
    private let listener: Listener?
    private let identification: Identification
    private let notes = RefusalNotes()

    /// A use within a minute of the last one is not written down.
    static let shortestAbsence = Duration.seconds(60)

    /// - Parameters:
    ///   - store: knows who may.
    ///   - epoch: of the daemon, for the audit.
    ///   - clock: tells what has ended.
    ///   - table: everything that can be asked for.
    ///   - listener: where the network reaches the daemon; `nil` where it does not.
    ///   - owner: who runs the daemon, and alone can open its Unix socket.
    ///   - limits: of sessions.
    package init(
        store: any AccessStore,
        epoch: Epoch,
        clock: any EngineClock,
        table: RouteTable,
        listener: Listener?,
        owner: Actor,
        limits: SessionLimits = SessionLimits()
    ) {
        self.store = store
        self.epoch = epoch
        self.clock = clock
        self.table = table
        self.listener = listener
        identification = Identification(store: store, owner: owner, limits: limits)
    }

    /// Whether a request passes, and as whom.
    package func admit(_ request: AccessRequest) async -> GateAnswer {
        if let name = request.repeatedHeader { return .refused(.malformed("the header \(name) is there twice")) }
        let (now, site, address) = (clock.now, site(of: request), client(of: request))
        let shown: Shown
        do throws(AccessFault) {
            shown = try await identification.look(at: request, site, badge: badge(of: request), at: now)
        } catch {
            return .refused(.unavailable(error.description))
        }
        let answer = answer(to: request, shown, site, address)
        switch answer {
        case .admitted:
            if let use = shown.use(at: now, from: address) { await touch(use) }
        case .refused(let refusal):
            if let principal = shown.principal {
                await note(refusal.words.detail, request, by: principal.actor, principal.method, from: address)
            }
        }
        return answer
    }

    /// Keeps what somebody who is known was refused to do, here or by the route that they were admitted to.
    ///
    /// Anonymous callers leave no trace here, or anybody could fill the disk; failed sign-ins, which are paced, do. Nor does
    /// what would have changed nothing.
    ///
    /// - Parameters:
    ///   - reason: why, as a sentence.
    ///   - request: what was asked for.
    ///   - actor: who asked.
    ///   - method: how they are known.
    ///   - address: the client's, behind our proxies; `nil` on the Unix socket.
    package func note(
        _ reason: String,
        _ request: AccessRequest,
        by actor: Actor,
        _ method: AuditEntry.Method,
        from address: String?
    ) async {
        let now = clock.now
        guard !request.isSafe,
            case .route(let route, _) = table.match(method: request.method, target: request.target),
            notes.isNews(actor, route, at: now)
        else { return }
        let entry = AuditEntry(
            "access.refused",
            target: "\(route.method) \(route.template)",
            outcome: .denied,
            reason: reason,
            method: method,
            address: address
        )
        // It is refused whether or not that can be written down.
        do throws(StoreError) {
            try await store.record(entry, at: now, by: Writer(epoch: epoch, actor: actor))
        } catch {}
    }

    /// Whether who was admitted still is: an answer that goes on for hours asks from time to time.
    ///
    /// - Returns: false too when the store does not say.
    package func stillStands(_ principal: Principal) async -> Bool {
        do throws(AccessFault) {
            guard let now = try await identification.renewed(principal, at: clock.now) else { return false }
            return now.role == principal.role
        } catch {
            return false
        }
    }

    private func answer(to request: AccessRequest, _ shown: Shown, _ site: Site?, _ address: String?) -> GateAnswer {
        let (method, target) = (request.method, request.target)
        if site == nil, request.mayBeBrowser, !isForAnyHost(request) {
            return .refused(.unknownHost(request.headers["Host"] ?? ""))
        }
        switch table.decide(method: method, target: target, shown.principal, shown.stale) {
        case .refused(let refusal): return .refused(refusal)
        case .admitted(let route, let parameters):
            if let refusal = refusal(of: request, route, shown, site) { return .refused(refusal) }
            let admission = Admission(
                route: route,
                parameters: parameters,
                principal: shown.principal,
                address: address,
                csrfToken: shown.csrfToken,
                isSecure: site?.isSecure ?? false
            )
            return .admitted(admission)
        }
    }

    /// What speaks against the way in which a request came, though its sender may ask.
    private func refusal(of request: AccessRequest, _ route: Route, _ shown: Shown, _ site: Site?) -> AccessRefusal? {
        guard let site, request.mayBeBrowser, !request.isSafe, route.access != .signature else { return nil }
        let token = route.access == .open ? nil : shown.csrfToken ?? ""
        return BrowserGuard.complaint(about: request, at: site, token: token).map { .crossSite($0) }
    }

    /// What a browser that was given the link of a badge shows: it sends no header of ours, and from another site no cookie.
    private func badge(of request: AccessRequest) -> String? {
        guard case .route(let route, _) = table.match(method: request.method, target: request.target),
            route.access == .badge
        else { return nil }
        return QueryText.fields(of: request.query)?["token"]
    }

    private func site(of request: AccessRequest) -> Site? {
        guard request.transport != .unix, let host = request.headers["Host"] else { return nil }
        return listener?.site(named: host)
    }

    /// Whether it does not matter by which name a request found us: nothing is at stake that a browser holds.
    private func isForAnyHost(_ request: AccessRequest) -> Bool {
        guard case .route(let route, _) = table.match(method: request.method, target: request.target) else {
            return false
        }
        return route.access == .signature || ["/healthz", "/readyz"].contains(route.template.description)
    }

    private func client(of request: AccessRequest) -> String? {
        guard request.transport != .unix else { return nil }
        let forwarded = request.headers.fields.filter { $0.name.lowercased() == "x-forwarded-for" }.map(\.value)
        return listener?.client(peer: request.peer, forwarded: forwarded) ?? request.peer
    }

    private func touch(_ use: CredentialUse) async {
        // Whoever may read does so on a full disk too; the session then ends a little early.
        do throws(StoreError) { try await store.touch(use, by: Writer(epoch: epoch, actor: .engine)) } catch {}
    }
}

/// What a gate says.
package enum GateAnswer: Hashable, Sendable {
    case admitted(Admission)
    case refused(AccessRefusal)
}

/// A request that may be answered.
package struct Admission: Hashable, Sendable {
    package var route: Route
    /// What stands in the places of the route's template, decoded.
    package var parameters: [String: String]
    /// `nil` for anybody, on a route that is open or checks signatures.
    package var principal: Principal?
    /// The client's network address behind our proxies; `nil` on the Unix socket.
    package var address: String?
    /// What effects of this session have to show; `nil` without a session.
    package var csrfToken: String?
    /// Whether cookies are for TLS.
    package var isSecure: Bool
}
