// The one place that words what a store says.

extension StoreError: CustomStringConvertible {
    /// What is wrong, in a sentence without a full stop.
    public var description: String {
        switch self {
        case .superseded: "another daemon has taken the store over"
        case .held(let holder): "the store is held by \(holder)"
        case .operationInFlight(let target): "a refresh is in flight on \(target)"
        case .cannotOpen(let path, let reason): "\(path) cannot be opened: \(reason)"
        case .newerFormat(let found, let known): "the store has format \(found), and this Freshet knows up to \(known)"
        case .corrupt(let reason): "the store is damaged: \(reason)"
        case .full(let reason): "there is no room to write the store: \(reason)"
        case .unknownOutcome(let reason): "it is not known whether the store took the last write: \(reason)"
        case .failed(let reason): "the store: \(reason)"
        }
    }

    /// What to do; `nil` where nothing can be said in general.
    public var mend: String? {
        switch self {
        case .held: "stop it first; one daemon works on a store at a time"
        case .newerFormat: "use the Freshet that wrote it, or a newer one"
        case .corrupt: "restore it from a backup"
        case .full: "free some space; nothing is lost"
        case .cannotOpen, .failed, .operationInFlight, .superseded, .unknownOutcome: nil
        }
    }

    /// Whether it is a question of rights.
    public var isOfRights: Bool {
        guard case .cannotOpen(_, let reason) = self else { return false }
        return reason.contains("belongs to user") || reason.lowercased().contains("permission")
    }
}
