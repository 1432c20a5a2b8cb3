import FreshetCore
import FreshetKit
private import Glibc

/// The results that runs of dbt on this machine leave behind.
enum DBTLeftBehind {
    /// How long a copy waits for whoever is to read it.
    private static let keeping = Duration.seconds(7 * 24 * 3600)

    /// - Returns: `nil` where there are none, they cannot be read, or they are of another run: dbt leaves those of a run
    ///   before where it fails early, and whoever calls can say less without them and nothing wrong.
    static func read(_ path: String, of invocation: String?) async -> DBTRunResults? {
        guard let invocation else { return nil }
        let bytes = try? await offPool { () throws(FileError) in try FileConnection.contents(of: path) }
        guard let bytes, let results = try? DBTRunResults(parsing: bytes, named: path),
            results.metadata.invocationID == invocation
        else { return nil }
        return results
    }

    /// Keeps a copy of the results at `path`, if there are any and no copy is there yet, and removes old copies.
    ///
    /// The next command of dbt overwrites the results, maybe before anybody has looked at them. A copy is there whole
    /// or not at all. `invocation` is the run that is expected to have left them, `nil` before one begins.
    ///
    /// - Returns: why there is no copy, where there should be one.
    static func keep(_ path: String, of invocation: String?, now: Timestamp) async -> String? {
        do {
            try await offPool { () throws(any Error) in
                try copy(path, of: invocation)
                try removeOld(beside: path, now: now)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func copy(_ path: String, of invocation: String?) throws {
        let bytes = try FileConnection.contents(of: path)
        guard !bytes.isEmpty else { return }
        let results = try DBTRunResults(parsing: bytes, named: path)
        guard let id = results.metadata.invocationID, DBTKept.isUsable(id) else {
            throw FileError.unreadable(path, reason: "it does not say of which run it is")
        }
        let own = DBTKept(of: id, isFound: false).key(beside: path)
        let found = DBTKept(of: id, isFound: true).key(beside: path)
        guard !FileConnection.exists(own), !FileConnection.exists(found) else { return }
        try write(bytes, to: id == invocation ? own : found)
    }

    /// Writes down, as dbt would, what the log told of a run that ended without leaving results.
    ///
    /// - Returns: why that could not be done.
    static func keep(_ progress: DBTProgress, of command: String, beside path: String, now: Timestamp) async -> String?
    {
        guard let id = progress.invocationID, DBTKept.isUsable(id) else { return nil }
        let rows = progress.steps.filter { DBTNodeID($0.name) != nil }.map { step -> JSONValue in
            let (status, message) = words(for: step)
            return .object(["message": .text(message), "status": .text(status), "unique_id": .text(step.name)])
        }
        guard !rows.isEmpty else { return nil }
        let document = JSONValue.object([
            "args": .object(["which": .text(command)]),
            "metadata": .object(["generated_at": .text(now.iso8601), "invocation_id": .text(id)]),
            "results": .list(rows),
        ])
        do {
            try await offPool { () throws(FileError) in
                try write(Array(document.serialized().utf8), to: DBTKept(of: id, isFound: false).key(beside: path))
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func words(for step: SubStep) -> (status: String, message: String) {
        switch step.status {
        case .succeeded: ("success", step.message ?? "")
        case .unchanged: ("no-op", step.message ?? "")
        case .failed: ("error", step.message ?? "it failed")
        case .skipped: ("skipped", step.message ?? "")
        // It may have written a part.
        case .running: ("error", "dbt ended while it was at work on it")
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let draft = path + ".draft"
        func failure() -> FileError { .unreadable(draft, reason: String(cString: strerror(errno))) }
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure() }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw failure() }
    }

    private static func removeOld(beside path: String, now: Timestamp) throws(FileError) {
        let query = ArtifactQuery(prefix: DBTKept.start(path))
        for entry in try FileConnection.entries(below: "", query) where DBTKept(entry.key, beside: path) != nil {
            let written = entry.lastModified.prefix { $0 != "." }
            guard let seconds = Int64(written), now - Timestamp(milliseconds: seconds * 1000) > keeping else {
                continue
            }
            unlink(entry.key)
        }
    }
}
