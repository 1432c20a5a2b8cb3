import FoundationEssentials
import Yams

/// A YAML file, of which JSON is one form, as a value that remembers where everything stands.
struct PositionedYAML: Sendable {
    private(set) var value = JSON.null
    private var file: String
    /// Line and column of each value by its path, such as `faults.0.action`; of a mapping's member, of its key.
    private var places: [String: (line: Int, column: Int)] = [:]

    static func read(_ file: String) throws(EmulatorFileError) -> PositionedYAML {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw EmulatorFileError(file: file, message: "the file cannot be read")
        }
        return try PositionedYAML(String(decoding: data, as: UTF8.self), file: file)
    }

    init(_ text: String, file: String) throws(EmulatorFileError) {
        self.file = file
        do {
            // Without rules, nothing is guessed: each scalar stays text.
            guard let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else { return }
            value = convert(root, at: "")
        } catch let error as YamlError {
            throw EmulatorFileError(error, file: file)
        } catch {
            throw EmulatorFileError(file: file, message: "the file cannot be read as YAML")
        }
    }

    /// An error about the value at a path, or about the nearest around it.
    func error(_ message: String, at path: String) -> EmulatorFileError {
        var path = path[...]
        while places[String(path)] == nil, let dot = path.lastIndex(of: ".") { path = path[..<dot] }
        let place = places[String(path)] ?? (1, 1)
        return EmulatorFileError(file: file, line: place.line, column: place.column, message: message)
    }

    private mutating func convert(_ node: Node, at path: String) -> JSON {
        func below(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        if let mark = node.mark, places[path] == nil { places[path] = (mark.line, mark.column) }
        switch node {
        case .scalar(let scalar): return PositionedYAML.scalar(scalar)
        case .sequence(let sequence):
            return .array(sequence.enumerated().map { convert($0.element, at: below(String($0.offset))) })
        case .mapping(let mapping):
            var members: [String: JSON] = [:]
            for (key, child) in mapping {
                let name = key.string ?? ""
                if let mark = key.mark { places[below(name)] = (mark.line, mark.column) }
                members[name] = convert(child, at: below(name))
            }
            return .object(members)
        // An alias was replaced by what it names when the file was composed.
        case .alias: return .null
        }
    }

    /// What a plain scalar means in JSON's own words; a quoted one is text.
    private static func scalar(_ scalar: Node.Scalar) -> JSON {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "null", "~": return .null
        case "true": return true
        case "false": return false
        case let text:
            if let number = Int(text) { return .int(number) }
            let isNumeric = text.allSatisfy { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
            if isNumeric, let number = Double(text) { return .double(number) }
            return .string(text)
        }
    }
}

extension EmulatorFileError {
    fileprivate init(_ error: YamlError, file: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(file: file, line: mark.line, column: mark.column, message: "the file is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let names, let context):
            let message = "the key '\(names.first ?? "")' stands twice in one mapping"
            self.init(file: file, line: context.mark.line, column: context.mark.column, message: message)
        default: self.init(file: file, message: "the file cannot be read as YAML")
        }
    }
}
