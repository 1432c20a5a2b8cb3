/// One thing that an asset reads: which asset, and for which of its own parts.
public struct Input: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
    public var key: AssetKey
    /// The part that reads it; empty when it is read for the whole.
    public var part: String

    public init(_ key: AssetKey, part: String = "") {
        self.key = key
        self.part = part
    }
    public init(stringLiteral value: String) { self.init(AssetKey(value)) }

    public static func < (lhs: Input, rhs: Input) -> Bool { (lhs.key, lhs.part) < (rhs.key, rhs.part) }
}

/// The verifying trace of a materialization: what went in.
public struct Provenance: Hashable, Sendable {
    public var codeVersion: String
    /// What each part consumed.
    ///
    /// An input whose version was unknown is not in it, so that nothing equals it.
    public var inputs: [Input: DataVersion]

    public init(codeVersion: String, inputs: [Input: DataVersion]) {
        self.codeVersion = codeVersion
        self.inputs = inputs
    }

    /// The version of what was made from exactly this.
    ///
    /// - Parameter nonce: stated where equal inputs do not promise an equal result: the work was forced, or an input
    ///   was unknown.
    /// - Returns: the same version for the same provenance and nonce.
    public func version(nonce: String? = nil) -> DataVersion {
        var hash = Fingerprint()
        hash.add(codeVersion)
        for (input, version) in inputs.sorted(by: { $0.key < $1.key }) {
            hash.add(input.key.path)
            hash.add(input.part)
            hash.add(version.fingerprint)
        }
        if let nonce {
            hash.add("nonce")
            hash.add(nonce)
        }
        return DataVersion(hash.hexadecimal)
    }
}

/// A recorded success: the version that came out, and the provenance it came from.
public struct Materialization: Hashable, Sendable {
    public var asset: AssetKey
    public var version: DataVersion
    public var provenance: Provenance

    public init(asset: AssetKey, version: DataVersion, provenance: Provenance) {
        self.asset = asset
        self.version = version
        self.provenance = provenance
    }
}
