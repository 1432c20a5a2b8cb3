/// What exists when an emulator starts: one tenant, one app registration, workspaces with models, buckets and their key.
public struct EmulatorSeed: Sendable {
    public var tenantID = "3f7a4c0e-5b1d-4e6a-9c21-8d0f6b2e7a15"
    public var clientID = "b94d27f1-0c63-4a8e-8f52-6e1a9d3c7b40"
    public var clientSecret = "emulator~Secret.Value-8Q"
    /// Certificates registered with the app, in PEM; assertions may be signed with their keys.
    public var certificates: [String] = []
    /// Whose tokens the app takes in place of a credential of its own.
    public var federatedCredentials: [FederatedCredential] = []
    /// What App Service wants to see in `X-IDENTITY-HEADER`.
    public var identityHeader = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a"
    /// The secrets of the key vault, by name.
    public var secrets: [String: String] = [:]
    public var workspaces: [Workspace] = [.retail]
    public var buckets: [Bucket] = [Bucket(name: "dbt-artifacts")]
    public var accessKeyID = "AKIAEMULATOR0FRESHET"
    public var secretAccessKey = "emulatorSecretAccessKey/0123456789abcdef"
    public var region = "eu-central-1"

    public init() {}

    /// What the token of another identity provider has to say; compared byte by byte.
    public struct FederatedCredential: Codable, Sendable {
        public var issuer: String
        public var subject: String
        public var audience: String

        public init(issuer: String, subject: String, audience: String = "api://AzureADTokenExchange") {
            self.issuer = issuer
            self.subject = subject
            self.audience = audience
        }
    }

    /// A Power BI workspace; the API calls it a group.
    public struct Workspace: Sendable {
        public var id: String
        public var name: String
        public var models: [Model]
        public var content = Content()

        /// The `id` is a GUID; without one it is derived from the name.
        public init(id: String? = nil, name: String, models: [Model], content: Content = Content()) {
            self.id = id ?? EmulatorSeed.derivedID("workspace \(name)")
            self.name = name
            self.models = models
            self.content = content
        }

        /// A workspace `Bulk` of models `M0`, `M1` and so on, each with the tables `one` and `two`.
        public static func bulk(_ count: Int) -> Workspace {
            let tables = [Table(name: "one"), Table(name: "two")]
            return Workspace(name: "Bulk", models: (0..<count).map { Model(name: "M\($0)", tables: tables) })
        }

        public static let retail = Workspace(
            id: "f089354e-8366-4e18-aea3-4cb4a3a50b48",
            name: "Retail",
            models: [
                Model(
                    id: "cfafbeb1-8037-4d0c-896e-a46fb27ff229",
                    name: "Sales",
                    tables: [
                        Table(name: "fct_sales", partitions: ["History", "Current"], hasRefreshPolicy: true),
                        Table(name: "dim_customer"),
                        Table(name: "dim_product"),
                    ]
                ),
                Model(
                    id: "5b218778-e7a5-4d73-8187-f10824047715",
                    name: "Inventory",
                    tables: [Table(name: "fct_stock"), Table(name: "dim_product")]
                ),
            ],
            content: .retail
        )
    }

    /// A semantic model; the API calls it a dataset.
    public struct Model: Sendable {
        public var id: String
        public var name: String
        public var tables: [Table]
        /// Where the model runs.
        ///
        /// Shared capacity refuses enhanced refreshes and allows eight refreshes a day.
        public var capacity: Capacity

        /// The `id` is a GUID; without one it is derived from the name.
        public init(id: String? = nil, name: String, tables: [Table], capacity: Capacity = .dedicated) {
            self.id = id ?? EmulatorSeed.derivedID("model \(name)")
            self.name = name
            self.tables = tables
            self.capacity = capacity
        }
    }

    public struct Table: Codable, Sendable {
        public var name: String
        /// A table has at least one partition; without a list it has one named like the table.
        public var partitions: [String]
        /// Whether an incremental refresh policy makes the partitions.
        public var hasRefreshPolicy: Bool
        /// What counting its rows gives.
        public var rows = 1_000
        /// Whether its query filters by `RangeStart` and `RangeEnd`, which a refresh policy needs to be of use.
        public var filtersRange: Bool
        /// Its query in M; nil makes one that reads `analytics.<name>` from the warehouse.
        public var source: String?

        public init(name: String, partitions: [String] = [], hasRefreshPolicy: Bool = false) {
            self.name = name
            self.partitions = partitions.isEmpty ? [name] : partitions
            self.hasRefreshPolicy = hasRefreshPolicy
            filtersRange = hasRefreshPolicy
        }
    }

    public enum Capacity: String, Codable, Sendable {
        case shared, dedicated
    }

    public struct Bucket: Sendable {
        public var name: String
        public var isVersioned: Bool

        public init(name: String, isVersioned: Bool = false) {
            self.name = name
            self.isVersioned = isVersioned
        }
    }

    /// A GUID that is the same for the same name, so that a seed written by hand needs none.
    static func derivedID(_ name: String) -> String {
        let digest = Digest.sha256(Array(name.utf8))
        let seed = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var identifiers = Identifiers(seed: seed)
        return identifiers.guid()
    }
}
