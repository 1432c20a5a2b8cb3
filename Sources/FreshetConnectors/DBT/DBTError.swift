/// Why one of dbt's files could not be used.
package enum DBTError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(document: String)
    /// It is of another kind, such as `manifest`, where `run-results` was expected.
    case other(document: String, kind: String, expected: String)
    /// It is no JSON, or not what dbt writes; dbt and uploads write in place, so reading it again may succeed.
    case unreadable(document: String, reason: String)

    package var description: String {
        switch self {
        case .missing(let document): "there is no '\(document)'"
        case .other(let document, let kind, let expected):
            "'\(document)' is dbt's \(kind) file, where its \(expected) file is expected"
        case .unreadable(let document, let reason): "'\(document)' cannot be read: \(reason)"
        }
    }
}
