import FreshetCore

/// `manifest.json`: the nodes of a project and what they are made of.
///
/// Versions 2 to 12 are alike in what is read here; v2 of dbt (Fusion) says 12, too, and writes `null` for what is
/// empty. Of its many sections, macros above all, only those are read; see ``DBTManifestReader``.
struct DBTManifest: Sendable {
    var metadata = DBTMetadata()
    /// Models, seeds and snapshots, by unique id.
    var nodes: [String: Node] = [:]
    /// By unique id.
    var sources: [String: Node] = [:]
    /// By unique id.
    var tests: [String: Test] = [:]
    /// By unique id.
    var exposures: [String: Exposure] = [:]
    /// Metrics, semantic models and saved queries, by unique id: what an exposure may read in place of a table.
    var meanings: [String: Meaning] = [:]
    var groups: [Group] = []

    /// A model, seed, snapshot or source.
    struct Node: Decodable, Sendable {
        var alias: Lenient<String>?
        var compiledCode: Lenient<HashedText>?
        /// As it was called before dbt 1.3.
        var compiledSQL: Lenient<HashedText>?
        var config: Config?
        var database: Lenient<String>?
        var dependsOn: DependsOn?
        var description: Lenient<String>?
        var freshness: Lenient<Freshness>?
        var group: Lenient<String>?
        var identifier: Lenient<String>?
        var loadedAtField: Lenient<String>?
        var meta: Lenient<Meta>?
        var name: Lenient<String>?
        var relationName: Lenient<String>?
        var schema: Lenient<String>?
        var tags: Lenient<Texts>?

        enum CodingKeys: String, CodingKey {
            case alias
            case compiledCode = "compiled_code"
            case compiledSQL = "compiled_sql"
            case config
            case database
            case dependsOn = "depends_on"
            case description
            case freshness
            case group
            case identifier
            case loadedAtField = "loaded_at_field"
            case meta
            case name
            case relationName = "relation_name"
            case schema
            case tags
        }
    }

    struct DependsOn: Decodable, Sendable {
        var nodes: [String]?
    }

    /// When dbt looks how old a source's data is; with a count it does.
    struct Freshness: Decodable, Sendable {
        struct Limit: Decodable, Sendable { var count: Double? }
        var warnAfter: Lenient<Limit>?
        var errorAfter: Lenient<Limit>?

        enum CodingKeys: String, CodingKey {
            case warnAfter = "warn_after"
            case errorAfter = "error_after"
        }

        var isStated: Bool { warnAfter?.value?.count != nil || errorAfter?.value?.count != nil }
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
        var severity: Lenient<String>?
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
            case severity
            case tags
            case uniqueKey = "unique_key"
        }
    }

    struct Meta: Decodable, Sendable {
        var owner: Lenient<Owner>?
        /// What the project tells Freshet of the node.
        var freshet: Lenient<Freshet>?
        /// The id of a Power BI model, as some write it beside ``freshet``.
        var powerBIDataset: Lenient<String>?

        enum CodingKeys: String, CodingKey {
            case owner
            case freshet
            case powerBIDataset = "powerbi_dataset_id"
        }
    }

    struct Freshet: Decodable, Sendable {
        /// The id or name of a Power BI model, or `workspace/model`.
        var powerBIDataset: Lenient<String>?
        /// The figures of the node's table that are its version.
        var probe: Lenient<Texts>?

        enum CodingKeys: String, CodingKey {
            case powerBIDataset = "powerbi_dataset"
            case probe
        }
    }

    /// A test of data.
    struct Test: Decodable, Sendable {
        /// The node that it stands at, where dbt says so (1.5 and later).
        var attachedNode: Lenient<String>?
        var config: Lenient<Config>?
        var dependsOn: DependsOn?
        var description: Lenient<String>?
        /// `models.orders`: what it stands at in its file, where dbt says so.
        var fileKeyName: Lenient<String>?
        var tags: Lenient<Texts>?

        enum CodingKeys: String, CodingKey {
            case attachedNode = "attached_node"
            case config
            case dependsOn = "depends_on"
            case description
            case fileKeyName = "file_key_name"
            case tags
        }
    }

    /// What shows the data to people.
    struct Exposure: Decodable, Sendable {
        var config: Lenient<Config>?
        var dependsOn: DependsOn?
        var description: Lenient<String>?
        var label: Lenient<String>?
        var maturity: Lenient<String>?
        var meta: Lenient<Meta>?
        var owner: Lenient<Owner>?
        var tags: Lenient<Texts>?
        /// `dashboard`, `notebook`, `analysis`, `ml` or `application`.
        var type: Lenient<String>?
        var url: Lenient<String>?

        enum CodingKeys: String, CodingKey {
            case config
            case dependsOn = "depends_on"
            case description
            case label
            case maturity
            case meta
            case owner
            case tags
            case type
            case url
        }
    }

    /// What stands between tables and people without being a table.
    struct Meaning: Decodable, Sendable {
        var dependsOn: DependsOn?

        enum CodingKeys: String, CodingKey {
            case dependsOn = "depends_on"
        }
    }

    struct Group: Decodable, Sendable {
        var name: String?
        var owner: Lenient<Owner>?
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

/// A text of which only the fingerprint is kept, since it may be long.
struct HashedText: Decodable, Sendable {
    var fingerprint: String

    init(from decoder: any Decoder) throws {
        var hash = Fingerprint()
        hash.add(try decoder.singleValueContainer().decode(String.self))
        fingerprint = hash.hexadecimal
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
