/// How a value is made of what a definition file says: of an asset's kind, of a probe, of a source.
///
/// Most are made from a Swift type. A plugin's are values of their own: one type stands behind many kinds.
public struct Recipe<Made: Sendable>: Sendable {
    /// The name used in definition files, such as `s3.object`.
    public var name: String
    /// One sentence for `freshet schema` and the reference.
    public var summary: String
    public var fields: [Field]
    /// YAML mappings that must load.
    public var examples: [String]
    /// A hash of what else alters the work, such as a plugin's files; empty for what is compiled in.
    public var codeVersion: String
    /// Makes the value of settings whose shape has been checked.
    public var make: @Sendable (Settings) throws(Diagnostic) -> Made

    public init(
        name: String,
        summary: String,
        fields: [Field],
        examples: [String] = [],
        codeVersion: String = "",
        make: @escaping @Sendable (Settings) throws(Diagnostic) -> Made
    ) {
        self.name = name
        self.summary = summary
        self.fields = fields
        self.examples = examples
        self.codeVersion = codeVersion
        self.make = make
    }

    /// That of a type, which `make` makes.
    init(
        of type: any Configurable.Type,
        make: @escaping @Sendable (Settings) throws(Diagnostic) -> Made
    ) {
        self.init(
            name: type.name,
            summary: type.summary,
            fields: type.fields,
            examples: type.examples,
            make: make
        )
    }
}

extension Recipe where Made == any AssetKind {
    public init(_ type: any AssetKind.Type) {
        self.init(of: type) { settings throws(Diagnostic) in try type.init(from: settings) }
    }
}

extension Recipe where Made == any Probe {
    public init(_ type: any Probe.Type) {
        self.init(of: type) { settings throws(Diagnostic) in try type.init(from: settings) }
    }
}

extension Recipe where Made == any DefinitionSource {
    public init(_ type: any DefinitionSource.Type) {
        self.init(of: type) { settings throws(Diagnostic) in try type.init(from: settings) }
    }
}
