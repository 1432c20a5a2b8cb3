import Testing

@testable import FreshetEmulator

@Suite struct FabricTests {
    let fixture = Fixture()
    static let workspace = "/v1/workspaces/f089354e-8366-4e18-aea3-4cb4a3a50b48"
    static let definition = "\(workspace)/semanticModels/\(Fixture.salesID)/getDefinition"

    /// The files of a definition, by path.
    func files(_ query: String = "") throws -> [String: String] {
        let id = try #require(fixture.ask("POST", FabricTests.definition + query)?.header("x-ms-operation-id"))
        fixture.wait(1)
        let result = try #require(fixture.ask("GET", "/v1/operations/\(id)/result")?.json)
        let parts = try #require(result["definition"]?["parts"]?.elements)
        return Dictionary(
            parts.map { part in
                let bytes = Base64.decoded(part["payload"]?.string?[...] ?? "") ?? []
                return (part["path"]?.string ?? "", String(decoding: bytes, as: UTF8.self))
            }
        ) { first, _ in first }
    }

    @Test func `E17: an operation answers null and names another host`() throws {
        let accepted = try #require(fixture.ask("POST", FabricTests.definition))
        let id = try #require(accepted.header("x-ms-operation-id"))
        #expect(accepted.status == 202 && String(decoding: accepted.body, as: UTF8.self) == "null")
        #expect(accepted.header("Retry-After") == "20" && accepted.header("RequestId") != nil)
        let location = try #require(accepted.header("Location"))
        #expect(location.hasPrefix("https://wabi-emulator-redirect.analysis.windows.net/v1/operations/"))
        let running = try #require(fixture.ask("GET", "/v1/operations/\(id)"))
        #expect(running.status == 200 && running.json?["status"] == "Running")
        #expect(running.json?["percentComplete"] == .null && running.header("Location") == location)
        #expect(running.json?["createdTimeUtc"]?.string?.count == 27)
        #expect(fixture.ask("GET", "/v1/operations/\(id)/result")?.status == 400)
        fixture.wait(1)
        let over = try #require(fixture.ask("GET", "/v1/operations/\(id)"))
        #expect(over.json?["status"] == "Succeeded" && over.header("Retry-After") == nil)
        #expect(over.header("Location") == location + "/result")
    }

    @Test func `E17: the result is the model's files`() throws {
        let files = try files()
        #expect(files["definition/tables/dim_product.tmdl"]?.contains("partition dim_product = m") == true)
        #expect(files["definition/tables/fct_sales.tmdl"]?.contains("RangeStart") == true)
        #expect(files["definition/expressions.tmdl"]?.contains("expression RangeEnd = #datetime(") == true)
        let bim = try #require(try self.files("?format=TMSL")["model.bim"])
        #expect(JSON(bytes: Array(bim.utf8))?["model"]?["tables"]?.elements?.count == 3)
    }

    @Test func `E17: errors are flat, with their code in a header`() throws {
        let missing = try #require(fixture.ask("POST", "\(FabricTests.workspace)/semanticModels/x/getDefinition"))
        #expect(missing.status == 404 && missing.json?["errorCode"] == "EntityNotFound")
        #expect(missing.header("x-ms-public-api-error-code") == "EntityNotFound")
        #expect(missing.json?["requestId"]?.string == missing.header("RequestId"))
        #expect(fixture.ask("POST", FabricTests.definition + "?format=tmdl")?.status == 400)
        #expect(fixture.ask("GET", "/v1/operations/x")?.json?["errorCode"] == "OperationNotFound")
        fixture.wait(3_600)
        #expect(fixture.ask("GET", "/v1/operations/x")?.json?["errorCode"] == "TokenExpired")
    }
}
