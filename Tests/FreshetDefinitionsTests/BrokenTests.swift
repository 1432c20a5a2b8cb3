import Foundation
import FreshetDefinitions
import FreshetKit
import Testing

/// Projects with one mistake each; `expected.txt` is what `freshet check` shows.
///
/// With `RECORD=1` in the environment the files are written anew; read each change as somebody who sees Freshet for the
/// first time.
@Suite struct BrokenTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Broken"
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

    @Test(arguments: names) func `a broken project says what is wrong, where, and how to mend it`(name: String) throws {
        let folder = Self.folder + "/" + name
        var text = DiagnosticText(folder: folder, catalog: StandIns.catalog)
        var shown = ""
        do throws(LoadError) {
            let loader = ProjectLoader(catalog: StandIns.catalog, environmentVariables: [:])
            shown = "loads\n" + text.render(try loader.load(folder: folder).warnings)
        } catch {
            shown = text.render(error.diagnostics)
        }
        let file = folder + "/expected.txt"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try shown.write(toFile: file, atomically: true, encoding: .utf8)
        }
        #expect(try shown == String(contentsOfFile: file, encoding: .utf8))
        #expect(!shown.hasPrefix("loads"))
    }

    @Test func `there are broken projects to test`() { #expect(Self.names.count > 30) }
}
