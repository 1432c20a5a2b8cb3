import Foundation
import Testing

@Suite struct ConformanceTests {
    /// The sheet's list is E1–E24; each is to be found by its number.
    @Test func `every behaviour of the conformance list has a test that names it`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var named: Set<Int> = []
        for file in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for name in text.matches(of: #/func `((?:E\d+(?:, )?)+): /#) {
                for number in name.1.matches(of: /\d+/) { named.insert(try #require(Int(number.0))) }
            }
        }
        #expect(named == Set(1...24))
    }
}
