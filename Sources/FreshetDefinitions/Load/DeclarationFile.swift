internal import FreshetCore
package import FreshetKit

/// A YAML file that stands beside the project's own and declares something by fields, such as `plugin.yaml`.
package enum DeclarationFile {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - file: relative to `root`.
    ///   - root: the project's folder.
    ///   - fields: what it can state.
    /// - Returns: the settings, when nothing is wrong with them; else every mistake.
    package static func read(
        _ file: String,
        root: String,
        as fields: [Field]
    ) -> (settings: Settings?, diagnostics: [Diagnostic]) {
        var list = DiagnosticList()
        guard let files = ProjectFiles(folder: root) else {
            list.error("there is no \(ProjectFiles.projectFile) in the folder \(root)", at: Origin(file: file))
            return (nil, list.all)
        }
        guard let text = files.read(file, &list) else { return (nil, list.all) }
        return decode(text, file: file, as: fields, into: &list)
    }

    /// Reads a mapping that stands in a text of its own.
    package static func read(
        text: String,
        file: String,
        as fields: [Field]
    ) -> (settings: Settings?, diagnostics: [Diagnostic]) {
        var list = DiagnosticList()
        return decode(text, file: file, as: fields, into: &list)
    }

    /// Reads a mapping that stands somewhere in such a file, where its fields were not known yet; mistakes are told at
    /// their places in that file.
    package static func read(_ value: ConfigValue, as fields: [Field]) -> (
        settings: Settings?, diagnostics: [Diagnostic]
    ) {
        var list = DiagnosticList()
        return decode(RawValue(value), as: fields, into: &list)
    }

    private static func decode(
        _ text: String,
        file: String,
        as fields: [Field],
        into list: inout DiagnosticList
    ) -> (settings: Settings?, diagnostics: [Diagnostic]) {
        guard let raw = YAMLReader.read(text, file: file, into: &list), !raw.isNull else {
            if list.errorCount == 0 { list.error("the file is empty", at: Origin(file: file)) }
            return (nil, list.all.inFileOrder)
        }
        return decode(raw, as: fields, into: &list)
    }

    private static func decode(
        _ raw: RawValue,
        as fields: [Field],
        into list: inout DiagnosticList
    ) -> (settings: Settings?, diagnostics: [Diagnostic]) {
        guard let entries = raw.entries else {
            list.error("the file has to hold a mapping, not \(raw.description)", at: raw.origin)
            return (nil, list.all.inFileOrder)
        }
        var decoder = ShapeDecoder(names: nil)
        let value = decoder.decode(entries, as: fields, at: raw.origin)
        list.add(decoder.diagnostics)
        let isRight = list.errorCount == 0 && !decoder.isIncomplete
        return (isRight ? Settings(value) : nil, list.all.inFileOrder)
    }
}
