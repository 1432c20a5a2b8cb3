public import FreshetCore

// How moments and ages read, the same wherever they are shown.

extension Duration {
    /// The age as a person says it: "12 s ago", "3 h ago", "2 d ago".
    public var ago: String {
        let seconds = Int(inSeconds)
        switch seconds {
        case ..<0: return "in the future"
        case 0: return "now"
        case 1..<90: return "\(seconds) s ago"
        case 90..<5400: return "\((seconds + 30) / 60) min ago"
        case 5400..<172_800: return "\((seconds + 1800) / 3600) h ago"
        default: return "\((seconds + 43_200) / 86_400) d ago"
        }
    }
}

extension Extent {
    /// "the whole model" or the names of its parts.
    public var text: String {
        switch self {
        case .whole: "everything"
        case .parts(let names): names.sorted().joined(separator: ", ")
        }
    }
}
