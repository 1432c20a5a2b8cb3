import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct SchemaTests {
    private let schema = JSONSchema.document(catalog: StandIns.catalog)

    private func definition(_ name: String) throws -> JSONValue { try #require(schema["$defs"]?[name]) }

    @Test func `every reference of the schema leads to a definition`() throws {
        var names: Set<String> = []
        func collect(_ value: JSONValue) {
            switch value {
            case .object(let members):
                if let target = members["$ref"]?.text { names.insert(String(target.dropFirst("#/$defs/".count))) }
                members.values.forEach(collect)
            case .list(let items): items.forEach(collect)
            default: break
            }
        }
        collect(schema)
        #expect(names.count > 10)
        for name in names { _ = try definition(name) }
    }

    @Test func `each kind has its own fields and those of its role, and no others`() throws {
        let table = try definition("asset.sql.table")
        #expect(table["additionalProperties"] == false)
        let fields = try #require(table["properties"]?.object)
        #expect(Set(["key", "deps", "every", "connection", "table", "change"]).isSubset(of: fields.keys))
        #expect(fields["automation"] == nil)
        #expect(try definition("asset.branch")["properties"]?["choose"] != nil)
    }

    @Test func `the sentences of the declarations are in the schema`() throws {
        let table = try definition("asset.sql.table")
        #expect(table["description"] == "A table of a database.")
        #expect(table["properties"]?["strict"]?["default"] == "false")
        #expect(table["properties"]?["table"]?["description"] == "The table's name.")
    }

    /// Another implementation of JSON Schema reads ours; `Tests/python/schema_check.py` says what it needs.
    @Test(.enabled(if: hasPython, "python3 with jsonschema and PyYAML is not installed"))
    func `a validator of another language takes what loads and refuses what does not`() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let project = try TestProject(["schema.json": schema.serialized(pretty: true)])
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", tests.path + "/python/schema_check.py", project.folder + "/schema.json",
            Retail.folder, BrokenTests.folder,
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: data, as: UTF8.self))")
    }

    private static let hasPython: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import jsonschema, yaml"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}
