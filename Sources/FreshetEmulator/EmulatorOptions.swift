/// What an emulator starts with.
public struct EmulatorOptions: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one, which the readiness names.
    public var port = 0
    /// What exists at the start.
    public var seed = EmulatorSeed()
    /// How long a refresh takes unless scripted otherwise, in seconds of the emulator's clock.
    public var refreshDuration: Double = 2
    /// How long an access token is good for, in seconds of the emulator's clock.
    public var tokenLifetime: Double = 3600
    /// How many requests the ledger keeps, the newest.
    public var ledgerLimit = 10_000
    /// A YAML or JSON file of faults and settings to begin with.
    public var script: String?
    /// A file to keep the state in; one that exists is begun with, instead of the seed and the script.
    public var state: String?
    /// How many emulated seconds pass in one real second.
    public var speed: Double = 1

    /// Listens for HTTPS on a second port too, with a certificate of its own authority.
    public var tls: TLS?

    public init() {}

    /// The second port and the authority behind it.
    public struct TLS: Sendable {
        /// The port to listen on; 0 takes a free one, which the readiness names.
        public var port = 0
        /// The folder that keeps the authority's certificate and key; without one they end with the process.
        public var directory: String?

        public init(directory: String? = nil) { self.directory = directory }
    }
}
