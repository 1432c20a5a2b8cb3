import FreshetAccess
import FreshetCore

/// What several commands about access say alike.
enum AccessText {
    /// How long ago the moment of a document was; a dash where there is none.
    static func ago(_ moment: JSONValue?, _ now: Timestamp) -> String {
        guard let moment = moment?.text.flatMap({ Timestamp(iso8601: $0) }) else { return "–" }
        return "\((now - moment).briefly) ago"
    }

    /// Why nobody can be called so, as the command line words problems; `nil` when somebody can.
    static func complaint(aboutName name: String) -> String? {
        isName(name) ? nil : AccountError.badName(name).words.detail.asProblem
    }

    /// Whether a user or a token can be called so.
    static func isName(_ text: String) -> Bool { UserName.isValid(text) }
}
