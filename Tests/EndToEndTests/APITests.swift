import Foundation
import Testing

@Suite(.enabled(if: Place.hasVenv), .serialized)
struct `The API of a daemon` {
    @Test func `answers as its contract says, operation by operation`() async throws {
        let python = try #require(Place.venv) + "/bin/python"
        let command = [python, "-B", "-m", "unittest", "discover", "-s", Place.root + "/Tests/api"]
        let tests = try Running(command, in: "/", environment: ["FRESHET_BINARY": Place.binary])
        try await tests.ended(within: .seconds(300)).expect()
    }
}
