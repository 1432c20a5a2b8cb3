import FreshetCore
import FreshetKit

/// Somebody an identity provider vouches for.
struct Identity: Hashable, Sendable {
    var subject: UserRecord.Subject
    /// What they are called here; it may change, the subject does not.
    var name: String
    var title: String
    var role: AccessRole

    /// From claims that were verified.
    init(_ claims: [String: JSONValue], issuer: String, _ rules: RoleRules) throws(OIDCError) {
        subject = UserRecord.Subject(issuer: issuer, id: claims["sub"]?.text ?? "")
        let groups = claims[rules.claim]?.list?.compactMap(\.text) ?? claims[rules.claim]?.text.map { [$0] } ?? []
        // Entra leaves the claim out and says where to ask instead, for who is in more than 200 groups.
        let isElsewhere = claims["_claim_names"]?[rules.claim] != nil || claims["hasgroups"]?.boolean == true
        guard !(groups.isEmpty && isElsewhere && rules.claim == "groups") else { throw .tooManyGroups }
        guard let role = rules.role(in: groups) else { throw .noRole }
        self.role = role
        let names = ["preferred_username", "email", "upn", "sub"].compactMap { claims[$0]?.text?.lowercased() }
        guard let name = names.first(where: UserName.isValid) else { throw .unusableName }
        self.name = name
        let title = claims["name"]?.text?.filter { !$0.isNewline } ?? name
        self.title = String(
            title.unicodeScalars.filter { $0.properties.generalCategory != .control }.map(Character.init)
        )
        self.title = self.title.isEmpty ? name : String(self.title.prefix(128))
    }
}
