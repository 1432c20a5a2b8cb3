import Foundation
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct DiagnosticTextTests {
    private func shown(_ text: String, _ places: [(line: Int, column: Int)]) throws -> String {
        let project = try TestProject(["freshet.yaml": text])
        var renderer = DiagnosticText(folder: project.folder, catalog: StandIns.catalog)
        return renderer.render(
            places.map { Diagnostic("wrong", at: Origin(file: "freshet.yaml", line: $0.line, column: $0.column)) }
        )
    }

    @Test func `a mark stands below the place, behind tabs and letters of any script`() throws {
        #expect(
            try shown("a:\n\tb: 売上 c\n", [(2, 8)]) == """
                freshet.yaml:2:8: error: wrong
                  2 | \tb: 売上 c
                    | \t      ^

                1 error

                """
        )
    }

    @Test func `a place outside of every file shows the message alone`() throws {
        #expect(try shown("a: b\n", [(9, 1)]) == "freshet.yaml:9:1: error: wrong\n\n1 error\n")
    }

    @Test func `errors and warnings are counted apart`() throws {
        var renderer = DiagnosticText(folder: "/nowhere", catalog: StandIns.catalog)
        let origin = Origin(file: "x.yaml")
        let text = renderer.render([
            Diagnostic("one", at: origin), Diagnostic("two", at: origin),
            Diagnostic("three", at: origin, hint: "mend it", severity: .warning),
        ])
        #expect(text.hasSuffix("x.yaml:1:1: warning: three\n  hint: mend it\n\n2 errors, 1 warning\n"))
    }

    @Test(arguments: [
        "client_secret: hunter2", "{kind: powerbi, client_secret: hunter2, x: y}", "\"client_secret\": 'hunter2'",
        "clientsecret: hunter2", "password: hunter2", "url: postgresql://me:hunter2@host/db",
        "url: \"${var:user}:hunter2@host\"", "api_token :  hunter2",
    ])
    func `a secret in plain text is not shown, however its field is spelt`(line: String) throws {
        let text = try shown("a:\n  \(line)\n", [(2, 3)])
        #expect(!text.contains("hunter2"))
        #expect(text.contains("[not shown]"))
    }

    @Test func `the further lines of a secret are not shown`() throws {
        let text = try shown("a:\n  client_secret: |\n    hunter2\n\n    hunter3\n  b: c\n", [(3, 5), (5, 5), (6, 3)])
        #expect(!text.contains("hunter"))
        #expect(text.contains("  6 |   b: c\n"))
    }

    @Test func `a reference to a secret is shown`() throws {
        let line = "  url: \"${secret:file/url}\""
        #expect(try shown("a:\n\(line)\n", [(2, 3)]).contains(line))
    }

    @Test func `no message quotes a secret that stands in plain text`() throws {
        for text in ["hunter2", "[hunter2]", "{a: hunter2}", "'hunter2'", "|\n      hunter2"] {
            let start = "project: p\nconnections:\n  c:\n    kind: powerbi\n    tenant_id: t\n    client_id: c\n"
            let project = try TestProject(["freshet.yaml": start + "    client_secret: \(text)\n"])
            let error = #expect(throws: LoadError.self) { try project.load() }
            var renderer = DiagnosticText(folder: project.folder, catalog: StandIns.catalog)
            let shown = renderer.render(error?.diagnostics ?? [])
            #expect(!shown.contains("hunter2"), "\(shown)")
            #expect(error?.description.contains("hunter2") == false)
        }
    }
}
