/// `manifest.json`: the nodes of a project and what they are made of.
///
/// Versions 2 to 12 are alike in what is read here; v2 of dbt says 12, too, and writes `null` for what is empty.
struct DBTManifest: DBTDocument, Sendable {
    static let kind = "manifest"

    var metadata: DBTMetadata
    /// Models, seeds and snapshots, by unique id.
    var nodes: [String: Node]
    /// By unique id.
    var sources: [String: Node]
    var groups: [Group]

    /// A model, seed, snapshot or source.
    struct Node: Decodable, Sendable {
        var config: Config?
        var dependsOn: DependsOn?
        var description: Lenient<String>?
        var group: Lenient<String>?
        var meta: Lenient<Meta>?
        var tags: Lenient<Texts>?

        enum CodingKeys: String, CodingKey {
            case config
            case dependsOn = "depends_on"
            case description
            case group
            case meta
            case tags
        }
    }

    struct DependsOn: Decodable, Sendable {
        var nodes: [String]?
    }

    struct Config: Decodable, Sendable {
        var enabled: Bool?
        var group: Lenient<String>?
        var hardDeletes: Lenient<String>?
        var incrementalStrategy: Lenient<String>?
        var invalidateHardDeletes: Lenient<Bool>?
        var materialized: String?
        var meta: Lenient<Meta>?
        var postHook: Presence?
        var preHook: Presence?
        var tags: Lenient<Texts>?
        var uniqueKey: Presence?

        enum CodingKeys: String, CodingKey {
            case enabled
            case group
            case hardDeletes = "hard_deletes"
            case incrementalStrategy = "incremental_strategy"
            case invalidateHardDeletes = "invalidate_hard_deletes"
            case materialized
            case meta
            case postHook = "post-hook"
            case preHook = "pre-hook"
            case tags
            case uniqueKey = "unique_key"
        }
    }

    struct Meta: Decodable, Sendable {
        var owner: Lenient<Owner>?
    }

    struct Group: Decodable, Sendable {
        var name: String?
        var owner: Lenient<Owner>?
    }

    private enum CodingKeys: String, CodingKey {
        case metadata
        case nodes
        case sources
        case groups
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try container.decode(DBTMetadata.self, forKey: .metadata)
        let nodes = try container.nestedContainer(keyedBy: UniqueID.self, forKey: .nodes)
        self.nodes = [:]
        // Tests are most of the nodes of a large project: they are not even decoded.
        for id in nodes.allKeys where DBTNodeID(id.stringValue)?.type.isBuilt == true {
            self.nodes[id.stringValue] = try nodes.decode(Node.self, forKey: id)
        }
        sources = try container.decodeIfPresent([String: Node].self, forKey: .sources) ?? [:]
        let groups = try container.decodeIfPresent(Lenient<[String: Group]>.self, forKey: .groups)?.value ?? [:]
        self.groups = groups.sorted { $0.key < $1.key }.map(\.value)
    }

    private struct UniqueID: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// One text or a list of them.
struct Texts: Decodable, Sendable {
    var texts: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // The failure means that it is no list.
        texts = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
    }
}

/// Who answers for a node, as people write it: a name, a list of names, or an object with a name or an address.
struct Owner: Decodable, Sendable {
    var names: [String]

    private struct Person: Decodable {
        var name: Lenient<Texts>?
        var email: Lenient<Texts>?
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // The failure means that it is no text and no list of texts.
        if let texts = try? container.decode(Texts.self) {
            names = texts.texts
        } else {
            let person = try container.decode(Person.self)
            names = person.name?.value?.texts ?? person.email?.value?.texts ?? []
        }
    }
}

/// Whether something was stated at all, be it a text, a list or an object.
struct Presence: Decodable, Sendable {
    var isStated: Bool

    init(from decoder: any Decoder) throws {
        // Each failure means: not of this type, ask the next.
        if let list = try? decoder.unkeyedContainer() {
            isStated = !list.isAtEnd
        } else if let text = try? decoder.singleValueContainer().decode(String.self) {
            isStated = !text.isEmpty
        } else {
            isStated = true
        }
    }
}
