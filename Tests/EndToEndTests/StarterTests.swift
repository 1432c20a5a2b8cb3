import Foundation
import Testing

@Suite(.enabled(if: Place.hasProgram, "the program is not built"), .serialized)
struct `A starter project` {
    @Test func `is accepted by check with no variable set`() async throws {
        let folder = try TemporaryFolder()
        let made = try await freshet(["init"], folder)
        #expect(made.output.contains("wrote   freshet.yaml"), "\(made.output)")
        #expect(try await freshet(["check"], folder).output.hasPrefix("ok: "))
    }

    @Test func `is made in a folder that is not there yet, under a name of choice`() async throws {
        let folder = try TemporaryFolder()
        try await freshet(["init", "deep/down", "--name", "boutique"], folder)
        #expect(try await freshet(["check", "-C", "deep/down"], folder).output.hasPrefix("ok: boutique"))
    }

    @Test func `is refused no name that a folder may have`() async throws {
        for name in ["My Models (2)", "größe", "...", "-x"] {
            let folder = try TemporaryFolder()
            try await freshet(["init", "./" + name], folder)
            try await freshet(["check", "-C", "./" + name], folder)
        }
    }

    @Test func `keeps what is there`() async throws {
        let folder = try TemporaryFolder()
        try await freshet(["init"], folder)
        let file = folder.path + "/freshet.yaml"
        let mine = try String(contentsOfFile: file, encoding: .utf8) + "# mine\n"
        try mine.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.removeItem(atPath: folder.path + "/assets/sales.yaml")
        let again = try await freshet(["init"], folder)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == mine)
        #expect(again.output.contains("wrote   assets/sales.yaml"), "\(again.output)")
        #expect((again.output + again.errors).contains("kept    freshet.yaml"), "\(again)")
    }

    @Test func `says what to mend when it is planned without its variables`() async throws {
        let folder = try TemporaryFolder()
        try await freshet(["init"], folder)
        let plan = try await Running([Place.binary, "plan"], in: folder.path).ended()
        #expect((plan.output + plan.errors).contains("WAREHOUSE_URL"), "\(plan)")
    }

    @discardableResult
    private func freshet(_ arguments: [String], _ folder: TemporaryFolder) async throws -> Outcome {
        try await Running([Place.binary] + arguments, in: folder.path).ended().expect()
    }
}
