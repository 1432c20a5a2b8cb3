public import FreshetCore

/// Yields assets that nobody wrote down one by one, such as the nodes of a dbt project.
///
/// To add one, write one file that conforms, and add its type to the target's `Catalog.swift`.
public protocol DefinitionSource: Configurable, Sensor {
    init(from settings: Settings) throws(Diagnostic)

    /// The prefix of every key it yields, ending in `/`. A reference to a key under it is taken as an asset of this
    /// source even while the source has not been read.
    var prefix: String { get }

    /// The kind that its assets show, such as `dbt.node`.
    var assetKind: String { get }

    /// How often its sensor looks; `nil` for never.
    var every: Duration? { get }

    /// The assets as of now. Called when definitions load, never inside a run.
    ///
    /// - Throws: any error of the system behind it; the caller then uses what it read last.
    func discover(_ context: ProbeContext) async throws -> [AssetSpec]

    /// What an asset of this source can state about how it is looked at, beside the common fields.
    static var assetFields: [Field] { get }

    /// This source, minding what its assets state in those fields.
    ///
    /// - Parameter stated: the settings of each of its assets that states one of them.
    /// - Returns: the source that looks.
    /// - Throws: ``Diagnostic`` at what cannot be used.
    func minding(_ stated: [AssetKey: Settings]) throws(Diagnostic) -> Self

    /// What the signals of one of its assets miss, as far as it has been read; `nil` where nothing is known of it.
    func caveats(of asset: AssetKey) -> Caveats?
}

extension DefinitionSource {
    public static var assetFields: [Field] { [] }

    public func caveats(of asset: AssetKey) -> Caveats? { nil }

    public func minding(_ stated: [AssetKey: Settings]) throws(Diagnostic) -> Self { self }
}
