import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

/// Set `FRESHET_SCALE` to a number of assets to see what loading them costs; a release build and 100000 give the figure
/// in the documentation.
@Suite struct ScaleTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["FRESHET_SCALE"] != nil))
    func `a large project loads`() throws {
        let count = Int(ProcessInfo.processInfo.environment["FRESHET_SCALE"] ?? "") ?? 10_000
        let project = try large(count)
        let start = ContinuousClock.now
        let loaded = try project.load()
        print("\(count) assets in \(ContinuousClock.now - start)")
        #expect(loaded.project.graph.ordered.count == count)
    }

    @Test func `ten times the assets take no more than about ten times the time`() throws {
        func seconds(_ project: TestProject) throws -> Double {
            let duration = try ContinuousClock().measure { _ = try project.load() }
            return Double(duration.components.attoseconds) / 1e18 + Double(duration.components.seconds)
        }
        let (small, big) = (try large(150), try large(1500))
        _ = try seconds(small)
        // The machine may be busy with something else; quadratic growth would be a factor of 100 every time.
        let ratios = try (0..<3).map { _ in try seconds(big) / seconds(small) }
        #expect(ratios.contains { $0 < 30 }, "\(ratios)")
    }

    /// Tables, a gate to each ten models, and models of two tables.
    private func large(_ count: Int) throws -> TestProject {
        var files: [String: String] = [:]
        let folders = max(1, count / 500)
        for file in 0..<folders {
            var text = "assets:\n"
            for number in 0..<(count / folders) {
                let previous = "t/\(file)/\(number - number % 3)"
                text +=
                    number % 3 == 0
                    ? """
                      - key: t/\(file)/\(number)
                        kind: sql.table
                        connection: warehouse
                        table: schema.table_\(number)
                        change: [row_count, max(updated_at)]
                        tags: [a, b]

                    """
                    : """
                      - key: m/\(file)/\(number)
                        kind: test.model
                        connection: powerbi
                        workspace: ${var:workspace}
                        model: Model \(number)
                        deps: [\(previous)]
                        retry: {delay: 5m}
                        refresh:
                          tables:
                            one: {from: \(previous), partition: Current}
                            two: {from: \(previous)}
                        freshness: {by: "07:30", on: weekdays, max_data_age: 2h}

                    """
            }
            files["assets/\(file).yaml"] = text
        }
        files["freshet.yaml"] =
            TestProject.minimal + "vars: {workspace: W}\ndefaults: {test.model: {retry: {count: 3}, timeout: 2h}}\n"
        return try TestProject(files)
    }
}
