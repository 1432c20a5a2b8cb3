import Foundation
import FreshetConnectors
import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetPowerBI
import Testing

/// Everything that ships, together: what `freshet` wires.
@Suite struct `The catalog` {
    static let catalog = Connectors.catalog + PowerBI.catalog
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized.path

    @Test func `has no name twice and no field that hides a common one`() {
        #expect(Self.catalog.mistakes == [])
    }

    @Test func `has examples that load`() {
        #expect(ExampleCheck.mistakes(in: Self.catalog) == [])
    }

    @Test(arguments: ["prod", "dev", "demo"]) func `loads this repository's own project`(environment: String) throws {
        let loader = ProjectLoader(catalog: Self.catalog, environmentVariables: [:])
        let loaded = try loader.load(folder: Self.root, environment: environment)
        #expect(loaded.warnings == [])
        #expect(loaded.project.mode == (environment == "dev" ? .observe : .act))
        let sales = try #require(loaded.project.graph["powerbi/retail/sales"])
        #expect(sales.parts == ["fct_sales": ["warehouse/fct_sales"], "dim_customer": ["warehouse/dim_customer"]])
        #expect(sales.policy.automation?.maxSkip == .seconds(86400))
    }
}
