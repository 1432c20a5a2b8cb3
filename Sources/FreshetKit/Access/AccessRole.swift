/// What somebody may do; each may do all that those before it may.
package enum AccessRole: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Reads everything but the audit.
    case viewer
    /// Starts, stops and pauses besides.
    case `operator`
    /// Decides who else may, besides.
    case admin

    package static func < (lhs: AccessRole, rhs: AccessRole) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}
