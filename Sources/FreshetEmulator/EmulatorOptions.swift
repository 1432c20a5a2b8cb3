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

    public init() {}
}
