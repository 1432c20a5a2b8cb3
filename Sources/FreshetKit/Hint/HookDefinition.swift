public import FreshetCore

/// Somebody outside who may say, by a request with a signature, that there may be news.
public struct HookDefinition: Sendable {
    /// Whose manner of signing it is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case cloudevents
        case dbt
        case github
        case plain
        case sns
    }

    /// The last word of its address, `/hooks/<name>`: 1 to 64 of `a-z`, `0-9`, `_` and `-`.
    public var name: String
    public var kind: Kind
    /// As references, for ``Secrets``; two while one takes the place of the other, none for SNS.
    public var secrets: [String]
    /// What is looked at; a delivery that names some of these has only those looked at.
    public var assets: Set<AssetKey>
    /// A sensor that looks at every delivery.
    public var sensor: String?
    /// Of SNS: the topics that may send, by their ARNs.
    public var topics: [String]
    /// Of CloudEvents: the sites that may ask to send, such as `eventgrid.azure.net`.
    public var origins: [String]
    /// How many deliveries are taken in a minute.
    public var perMinute: Int
    /// Where it is stated.
    public var origin: Origin

    /// What most senders never come near to.
    public static let defaultPerMinute = 60

    public init(
        _ name: String,
        _ kind: Kind,
        secrets: [String] = [],
        assets: Set<AssetKey> = [],
        sensor: String? = nil,
        topics: [String] = [],
        origins: [String] = [],
        perMinute: Int = defaultPerMinute,
        origin: Origin
    ) {
        self.name = name
        self.kind = kind
        self.secrets = secrets
        self.assets = assets
        self.sensor = sensor
        self.topics = topics
        self.origins = origins
        self.perMinute = perMinute
        self.origin = origin
    }
}
