public import FreshetCore

/// Knows who may push hints to `/hooks/<source>`, and tells whether a request is theirs.
public protocol HookReceiver: Sendable {
    /// What a request says, once it is known who sent it.
    ///
    /// - Parameters:
    ///   - source: the last word of the address.
    ///   - headers: in the order in which they were sent.
    ///   - body: byte for byte as it came.
    /// - Returns: one event, or those of a batch; `nil` where there is no such source.
    /// - Throws: ``Problem`` for a request that is not taken.
    func receive(
        _ source: String,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) async throws(Problem) -> [HookEvent]?

    /// The headers for a site that asks whether it may send; `nil` where there is no such source, or not for that site.
    func handshake(_ source: String, _ headers: [(name: String, value: String)]) -> [String: String]?
}

/// What somebody who is known pushed.
public struct HookEvent: Hashable, Sendable {
    /// As the sender calls it.
    public var id: String
    /// What a second delivery of the same is known by, in its source.
    public var key: String
    /// What happened, in the sender's words.
    public var type: String
    /// What to look at; empty, with no sensor, where nothing is to be seen.
    public var assets: Set<AssetKey>
    /// A sensor that is to look besides.
    public var sensor: String?

    public init(id: String, key: String, type: String, assets: Set<AssetKey>, sensor: String? = nil) {
        self.id = id
        self.key = key
        self.type = type
        self.assets = assets
        self.sensor = sensor
    }
}
