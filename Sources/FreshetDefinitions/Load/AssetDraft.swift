internal import FreshetCore
internal import FreshetKit

/// An asset as a file states it, with variables replaced and nothing checked but its key.
struct StatedAsset {
    var key: AssetKey
    var keyOrigin: Origin
    /// Without the key.
    var value: RawValue
}

/// An asset that a source yields.
struct YieldedAsset {
    var spec: AssetSpec
    /// The source's name.
    var source: String
    /// Where the source is stated.
    var origin: Origin
}

/// An asset on its way into the graph.
struct AssetDraft {
    var definition: AssetDefinition
    var keyOrigin: Origin
    /// What its settings refer to, and where.
    var references: [ShapeDecoder.KeyReference] = []
    /// A mistake was found in it, so that what the graph says of it is no news.
    var isBroken = false

    var key: AssetKey { definition.spec.key }
}
