internal import FreshetCore
package import FreshetKit

/// Checks the examples that everything in a catalog comes with: each has to load.
///
/// An example is a YAML mapping of a kind's own fields; common fields may stand in it too. What it refers to need not
/// exist.
package enum ExampleCheck {
    /// What is wrong with the examples, each as `<name>, example <number>: <line>:<column> <message>`; empty when all
    /// load.
    package static func mistakes(in catalog: Catalog) -> [String] {
        let table = KindTable(catalog)
        var mistakes: [String] = []
        for kind in catalog.kinds { mistakes += check(kind, table[kind.name]?.fields ?? []) }
        for probe in catalog.probes { mistakes += check(probe, table[probe.name]?.fields ?? []) }
        for source in catalog.sources { mistakes += check(source, source.fields) }
        for type in catalog.hintSources {
            mistakes += check(type.name, type.examples, type.fields) { settings throws(Diagnostic) in
                _ = try type.init(from: settings)
            }
        }
        for type in catalog.connections {
            mistakes += check(type.name, type.examples, [ProjectFields.connectionKind] + type.fields) { _ in }
        }
        for type in catalog.secretBackends {
            mistakes += check(type.name, type.examples, ProjectFields.secretBackend + type.fields) { _ in }
        }
        return mistakes
    }

    /// What is wrong with examples that stand in a file of the project, each mistake at its place there.
    ///
    /// - Parameters:
    ///   - examples: mappings.
    ///   - name: of the kind, probe or source that they are examples of.
    ///   - catalog: where that is.
    /// - Returns: the mistakes, in the order of the examples.
    package static func mistakes(in examples: [ConfigValue], of name: String, _ catalog: Catalog) -> [Diagnostic] {
        let fields = KindTable(catalog)[name]?.fields
        var diagnostics = DiagnosticList()
        for example in examples {
            let raw = RawValue(example)
            for recipe in catalog.kinds where recipe.name == name { check(raw, fields, recipe, &diagnostics) }
            for recipe in catalog.probes where recipe.name == name { check(raw, fields, recipe, &diagnostics) }
            for recipe in catalog.sources where recipe.name == name { check(raw, recipe.fields, recipe, &diagnostics) }
        }
        return diagnostics.errors
    }

    private static func check<Made>(
        _ example: RawValue,
        _ fields: [Field]?,
        _ recipe: Recipe<Made>,
        _ diagnostics: inout DiagnosticList
    ) {
        check(
            example,
            fields ?? recipe.fields,
            { settings throws(Diagnostic) in _ = try recipe.make(settings) },
            &diagnostics
        )
    }

    private static func check<Made>(_ recipe: Recipe<Made>, _ fields: [Field]) -> [String] {
        check(recipe.name, recipe.examples, fields) { settings throws(Diagnostic) in _ = try recipe.make(settings) }
    }

    private static func check(
        _ name: String,
        _ examples: [String],
        _ fields: [Field],
        _ make: (Settings) throws(Diagnostic) -> Void
    ) -> [String] {
        examples.enumerated().flatMap { index, example in
            check(example, fields, make).map { "\(name), example \(index + 1): \($0)" }
        }
    }

    private static func check(
        _ example: String,
        _ fields: [Field],
        _ make: (Settings) throws(Diagnostic) -> Void
    ) -> [String] {
        var diagnostics = DiagnosticList()
        if let raw = YAMLReader.read(example, file: "example", into: &diagnostics) {
            check(raw, fields, make, &diagnostics)
        }
        return diagnostics.errors.map { "\($0.origin.line):\($0.origin.column) \($0.message)" }
    }

    private static func check(
        _ raw: RawValue,
        _ fields: [Field],
        _ make: (Settings) throws(Diagnostic) -> Void,
        _ diagnostics: inout DiagnosticList
    ) {
        guard let entries = raw.entries else {
            diagnostics.error("an example has to be a mapping, not \(raw.description)", at: raw.origin)
            return
        }
        // An example need not repeat whose it is.
        let optional = fields.map { field in
            var field = field
            if ["key", "kind"].contains(field.name) { field.isRequired = false }
            return field
        }
        var decoder = ShapeDecoder(names: nil, toleratesVariables: true)
        let value = decoder.decode(entries, as: optional, at: raw.origin)
        diagnostics.add(decoder.diagnostics)
        guard decoder.diagnostics.errorCount == 0 else { return }
        do throws(Diagnostic) { try make(Settings(value)) } catch { diagnostics.add(error) }
    }
}
