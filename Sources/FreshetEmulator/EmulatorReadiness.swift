import FoundationEssentials

/// What a client needs to know to talk to a running emulator.
public struct EmulatorReadiness: Codable, Sendable {
    public var event = "ready"
    public var pid: Int32
    public var url: String
    /// The same over TLS, if it was asked for.
    public var httpsURL: String?
    /// The PEM file of the authority to trust for `httpsURL`.
    public var caFile: String?
    /// The API root, to which a client appends `/v1.0/myorg/…`.
    public var powerbiURL: String
    /// The authority, to which a client appends `/{tenant}/oauth2/v2.0/token`.
    public var authorityURL: String
    public var tenantID: String
    public var clientID: String
    public var clientSecret: String
    /// The endpoint and the header of App Service's managed identity; that of virtual machines is under `url`.
    public var identity: Identity
    /// The root of the key vault, to which a client appends `/secrets/{name}`.
    public var vaultURL: String
    /// A Databricks workspace: its host is ``url``, its service principal the client above.
    public var databricks: Databricks
    public var s3: S3
    public var controlURL: String
    public var workspaces: [Workspace]

    /// One line of JSON, without the line break.
    public var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Plain strings and numbers always encode; an empty line would show at once if they did not.
        guard let data = try? encoder.encode(self) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    public struct Identity: Codable, Sendable {
        public var endpoint: String
        public var header: String
    }

    public struct Databricks: Codable, Sendable {
        public var warehouseID: String
        /// A personal access token.
        public var token: String

        enum CodingKeys: String, CodingKey {
            case token
            case warehouseID = "warehouse_id"
        }
    }

    public struct S3: Codable, Sendable {
        public var endpoint: String
        public var bucket: String
        public var region: String
        public var accessKeyID: String
        public var secretAccessKey: String

        enum CodingKeys: String, CodingKey {
            case endpoint, bucket, region
            case accessKeyID = "access_key_id"
            case secretAccessKey = "secret_access_key"
        }
    }

    public struct Workspace: Codable, Sendable {
        public var id: String
        public var name: String
        public var models: [Model]
    }

    public struct Model: Codable, Sendable {
        public var id: String
        public var name: String
        public var tables: [Table]
    }

    public struct Table: Codable, Sendable {
        public var name: String
        public var partitions: [String]
    }

    enum CodingKeys: String, CodingKey {
        case databricks, event, identity, pid, s3, url, workspaces
        case authorityURL = "authority_url"
        case caFile = "ca_file"
        case clientID = "client_id"
        case clientSecret = "client_secret"
        case controlURL = "control_url"
        case httpsURL = "https_url"
        case powerbiURL = "powerbi_url"
        case tenantID = "tenant_id"
        case vaultURL = "vault_url"
    }
}

extension EmulatorReadiness {
    init(_ options: EmulatorOptions, port: Int, securePort: Int?, caFile: String?, pid: Int32) {
        let (seed, url) = (options.seed, "http://\(options.host):\(port)")
        self.pid = pid
        self.url = url
        self.caFile = caFile
        httpsURL = securePort.map { "https://\(options.host):\($0)" }
        identity = Identity(endpoint: url + "/msi/token", header: seed.identityHeader)
        vaultURL = url
        powerbiURL = url
        authorityURL = url
        tenantID = seed.tenantID
        clientID = seed.clientID
        clientSecret = seed.clientSecret
        controlURL = url + "/_emulator"
        databricks = Databricks(
            warehouseID: FreshetEmulator.Databricks.warehouseID,
            token: FreshetEmulator.Databricks.personalToken
        )
        s3 = S3(
            endpoint: url,
            bucket: seed.buckets.first?.name ?? "",
            region: seed.region,
            accessKeyID: seed.accessKeyID,
            secretAccessKey: seed.secretAccessKey
        )
        workspaces = seed.workspaces.map { workspace in
            Workspace(
                id: workspace.id,
                name: workspace.name,
                models: workspace.models.map { model in
                    Model(
                        id: model.id,
                        name: model.name,
                        tables: model.tables.map { Table(name: $0.name, partitions: $0.partitions) }
                    )
                }
            )
        }
    }
}
