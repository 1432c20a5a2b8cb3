import FreshetCore

/// What somebody who is known to have sent it says.
package struct HookDelivery: Hashable, Sendable {
    /// As the sender calls it.
    package var id: String
    /// What a second delivery of the same is known by; made of what was signed.
    package var key: String
    /// What happened, in the sender's words, such as `job.run.completed`.
    package var type: String
    /// What may be the key of an asset, or anything else.
    package var names: [String]
    /// Whether something may have changed; of the beginning of a job, or of a test, nothing has.
    package var isNews: Bool

    package init(id: String, key: String? = nil, type: String, names: [String] = [], isNews: Bool = true) {
        self.id = id
        self.key = key ?? id
        self.type = type
        self.names = names
        self.isNews = isNews
    }

    /// How far the sender's clock may be from ours.
    static let tolerance = Duration.seconds(300)

    /// How long deliveries are remembered, and so how old one may be whose age is signed: what is older could have been
    /// there before, and nobody would know.
    package static let memory = Duration.seconds(7 * 86_400)
}

extension JSONValue {
    /// A text that has to be there, and is not longer than names are.
    func name(_ member: String) throws(HookRefusal) -> String {
        guard let text = self[member]?.text, !text.isEmpty, text.utf8.count <= 512 else {
            throw .malformed("'\(member)' has to be a text of 1 to 512 bytes")
        }
        return text
    }

    /// The assets that a body names, beside its data or in it.
    var namedAssets: [String] {
        let lists = [self["assets"]?.list, self["data"]?["assets"]?.list]
        return Array(lists.compactMap { $0 }.joined().compactMap(\.text).prefix(1000))
    }
}
