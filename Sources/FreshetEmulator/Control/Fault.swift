/// A scripted fault: which requests it meets and what it does to them.
struct Fault: Codable, Sendable {
    var id: Int
    var match: Match
    var action: Action
    /// Requests it still lets pass first.
    var skip: Int
    /// Requests it still meets; nil means all.
    var times: Int?

    struct Match: Codable, Hashable, Sendable {
        var kind: String?
        var method: String?
        /// Id or name.
        var model: String?
        var pathPrefix: String?
    }

    /// What happens instead of, before or after the usual.
    ///
    /// Everything set happens, so `delay` goes with all others.
    struct Action: Codable, Hashable, Sendable {
        /// Answers this, and the request has no effect unless `hasEffect` says so.
        var status: Int?
        /// Whether a request answered by `status` or `isHTML` is carried out all the same.
        var hasEffect = false
        var headers: [String: String] = [:]
        /// A string goes out as it is, anything else as JSON.
        var body: JSON?
        var drop: Drop?
        /// Real seconds to wait before the effect.
        var delay: Double = 0
        /// Real seconds to wait between effect and answer.
        var delayReply: Double = 0
        /// Announces the whole body, sends half of it and closes.
        var isTruncated = false
        /// Answers a sign-in page, as a proxy would.
        var isHTML = false
        /// Forgets the refreshes under way, this one too, after the effect.
        var restarts = false
        /// What happens to the tokens given out, before the effect.
        var tokens: TokenAction?
        /// What becomes of the refresh that the request starts.
        var script = RefreshScript()
    }

    /// What to do with the tokens given out so far: expired ones are known and refused, revoked ones unknown.
    enum TokenAction: String, Codable, Sendable {
        case expire, revoke
    }

    enum Drop: String, Codable, Sendable {
        /// Closes the connection and has no effect.
        case before
        /// Has the effect, then closes without an answer.
        case after
    }
}

/// A request as faults and the ledger see it.
struct CallSubject: Codable, Sendable {
    var kind: CallKind
    var method: String
    var path: String
    var modelID: String?
    var modelName: String?

    func isAbout(model: String) -> Bool {
        modelName == model || modelID?.lowercased() == model.lowercased()
    }
}

extension Fault.Match {
    func meets(_ subject: CallSubject) -> Bool {
        (kind.map { subject.kind.isNamed($0) } ?? true)
            && (method.map { $0.uppercased() == subject.method } ?? true)
            && (model.map { subject.isAbout(model: $0) } ?? true)
            && (pathPrefix.map { subject.path.hasPrefix($0) } ?? true)
    }
}

/// The faults still to come, in the order they were added.
struct FaultScript: Codable, Sendable {
    private(set) var faults: [Fault] = []
    private var nextID = 1

    mutating func add(_ match: Fault.Match, _ action: Fault.Action, skip: Int, times: Int?) -> Fault {
        let fault = Fault(id: nextID, match: match, action: action, skip: skip, times: times)
        nextID += 1
        faults.append(fault)
        return fault
    }

    /// The fault that meets a request, the first that matches and is not skipping; it counts as used.
    mutating func take(for subject: CallSubject) -> Fault? {
        for index in faults.indices where faults[index].match.meets(subject) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            let fault = faults[index]
            if let times = fault.times {
                faults[index].times = times - 1
                if times <= 1 { faults.remove(at: index) }
            }
            return fault
        }
        return nil
    }

    mutating func remove(_ id: Int) { faults.removeAll { $0.id == id } }

    mutating func removeAll() { faults = [] }
}
