/// What an emulator keeps across restarts: everything but the buckets, and of the ledger the newest entries.
struct SavedState: Codable, Sendable {
    /// Of this structure; a file of another is not read.
    static let currentVersion = 1

    /// How many of the ledger's entries are kept.
    static let ledgerTail = 1_000

    struct Token: Codable {
        var audience: String
        var expires: Instant
    }

    var version = SavedState.currentVersion
    /// What the emulator's clock showed when the machine's showed `wall`, and how fast it ran.
    var emulated: Instant
    var wall: Instant
    var speed: Double
    var clientSecret: String
    var isSecretExpired: Bool
    var certificates: [String]
    var federatedCredentials: [EmulatorSeed.FederatedCredential]
    var tokenLifetime: Double
    var tokens: [String: Token]
    var vault: KeyVault
    /// `nil` in a state that was kept before there was one.
    var databricks: Databricks?
    var powerBI: PowerBI
    var script: FaultScript
    var ledger: Ledger
}

extension World {
    func saved(at moment: Moment) -> SavedState {
        SavedState(
            emulated: clock.now(uptime: moment.uptime),
            wall: moment.wall,
            speed: clock.speed,
            clientSecret: directory.clientSecret,
            isSecretExpired: directory.isSecretExpired,
            certificates: directory.certificates,
            federatedCredentials: directory.federatedCredentials,
            tokenLifetime: directory.tokenLifetime,
            tokens: directory.tokens.mapValues { .init(audience: $0.audience.rawValue, expires: $0.expires) },
            vault: vault,
            databricks: databricks,
            powerBI: powerBI,
            script: script,
            ledger: ledger.tail(SavedState.ledgerTail)
        )
    }

    /// Goes on from a state, as if the emulator had run all the time: refreshes went on, tokens grew old.
    mutating func restore(_ state: SavedState, at moment: Moment) {
        let elapsed = max(0, moment.wall - state.wall)
        clock = EmulatorClock(
            anchor: state.emulated + elapsed * state.speed,
            uptime: moment.uptime,
            speed: state.speed
        )
        directory.clientSecret = state.clientSecret
        directory.isSecretExpired = state.isSecretExpired
        directory.certificates = state.certificates
        directory.federatedCredentials = state.federatedCredentials
        directory.tokenLifetime = state.tokenLifetime
        directory.tokens = [:]
        for (name, token) in state.tokens {
            guard let audience = Directory.Audience(rawValue: token.audience) else { continue }
            directory.tokens[name] = Directory.Token(audience: audience, expires: token.expires)
        }
        vault = state.vault
        databricks = state.databricks ?? Databricks()
        powerBI = state.powerBI
        script = state.script
        ledger = state.ledger.limited(to: options.ledgerLimit)
    }
}
