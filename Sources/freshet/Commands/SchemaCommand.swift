import ArgumentParser
import FreshetCore
import FreshetDefinitions
import FreshetKit

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the definition files, for editors.",
        usage: "freshet schema [options]",
        discussion:
            "freshet schema > .freshet/schema.json, then in a file: # yaml-language-server: $schema=../.freshet/schema.json"
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        options.output.line(
            JSONSchema.document(catalog: try Wiring.catalog(of: options.anyFolder)).serialized(pretty: true)
        )
    }
}
