import FreshetCore
import FreshetKit

/// The files that dbt leaves behind, read as whoever writes them allows.
///
/// dbt and uploads write in place: what is read may be half of a file, and is read again a little later.
struct DBTFiles: Sendable {
    /// How many new files of runs are read at once; the others wait for the next looks.
    static let mostNewRuns = 200
    /// Of a pattern: how many files may make a look wait until they are written.
    private static let mostWaits = 10
    private static let waits: [Duration] = [.milliseconds(200), .milliseconds(800)]

    var store: any ArtifactStore
    var manifestKey: String
    var runResults: ArtifactPattern
    var sourcesKey: String?
    var memory: DBTMemory
    var clock: any EngineClock

    /// The results of one run.
    struct Run: Sendable {
        var results: DBTRunResults
        /// Of whatever it built.
        var version: DataVersion
        /// In milliseconds; 0 where the file does not say it.
        var endedAt: Int64
        /// Whether the same run was read before, from another file.
        var isAgain = false

        init(_ results: DBTRunResults, _ head: ArtifactHead) {
            self.results = results
            let metadata = results.metadata
            version = DataVersion(metadata.invocationID ?? metadata.generatedAt ?? head.etag)
            endedAt = metadata.generatedAt.flatMap { Timestamp(iso8601: $0) }?.milliseconds ?? 0
        }
    }

    /// What is new in the results.
    struct News: Sendable {
        /// The oldest first.
        var runs: [Run] = []
        /// What else there is to say.
        var note: String?
        /// Why runs may have been missed.
        var doubts: [DBTDoubt] = []
    }

    /// What the manifest says, from memory when it is still the same.
    ///
    /// - Returns: what was read last when the manifest is gone; `nil` when there has been none.
    func manifest() async throws -> DBTProject? {
        let known = memory.content
        let reading = try await patiently { () async throws -> (head: ArtifactHead, manifest: DBTManifest)? in
            let reader = DBTManifestReader(named: manifestKey)
            switch try await store.read(manifestKey, ifNoneMatch: known?.etag, into: reader) {
            case .missing, .unchanged: return nil
            case .read(let head, let reader): return (head, try reader.finish())
            }
        }
        guard let (head, manifest) = reading else { return known?.project }
        let project = DBTProject(manifest)
        memory.content = DBTMemory.Content(etag: head.etag, project: project)
        return project
    }

    /// The runs that the cursor does not know, the oldest first, and what else there is to say.
    ///
    /// Results of commands that neither build nor test are taken note of and left out.
    func newRuns(_ cursor: inout DBTCursor) async throws -> News {
        runResults.isPattern ? try await newRunsOfPattern(&cursor) : try await newRunOfLast(&cursor)
    }

    private func newRunsOfPattern(_ cursor: inout DBTCursor) async throws -> News {
        let listed = try await store.list(ArtifactQuery(prefix: runResults.prefix)).entries.filter {
            runResults.matches($0.key)
        }
        guard !listed.isEmpty else { return News(note: "no run yet: nothing fits '\(runResults.text)'") }
        // The oldest first; what could not be read as it is now keeps none of the others waiting.
        let new = listed.filter { cursor.files[$0.key] != $0.etag }.map { file in
            (file: file, isBad: cursor.unreadable[file.key] == file.etag)
        }.sorted {
            ($0.isBad ? 1 : 0, $0.file.lastModified, $0.file.key) < (
                $1.isBad ? 1 : 0, $1.file.lastModified, $1.file.key
            )
        }
        let keys = Set(listed.map(\.key))
        cursor.files = cursor.files.filter { keys.contains($0.key) }
        cursor.unreadable = cursor.unreadable.filter { keys.contains($0.key) }
        var runs: [Run] = []
        var unreadable: [String] = []
        var passedOver = 0
        for (file, isBad) in new.prefix(Self.mostNewRuns) {
            do {
                let mayWait = !isBad && unreadable.count < Self.mostWaits
                guard let run = try await mayWait ? patientRun(file.key) : self.run(file.key) else { continue }
                cursor.files[file.key] = run.head.etag
                cursor.unreadable[file.key] = nil
                guard run.results.isOfTests else {
                    passedOver += 1
                    continue
                }
                var new = Run(run.results, run.head)
                new.isAgain = cursor.read(run: new.version.fingerprint)
                runs.append(new)
            } catch let error as DBTError {
                // One bad file must not hide the others; it is read again with the next look.
                unreadable.append(error.description)
                cursor.unreadable[file.key] = file.etag
            }
        }
        runs.sort { ($0.endedAt, $0.version.fingerprint) < ($1.endedAt, $1.version.fingerprint) }
        var notes: [String] = []
        if passedOver > 0 { notes.append("\(passedOver) of commands that build nothing") }
        if let first = unreadable.first {
            notes.append(unreadable.count == 1 ? first : "\(unreadable.count) cannot be read: \(first)")
        }
        let left = new.count - Self.mostNewRuns
        if left > 0 { notes.append("\(left) more results are left for the next looks") }
        return News(runs: runs, note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    }

    func patientRun(_ key: String) async throws -> (results: DBTRunResults, head: ArtifactHead)? {
        try await patiently { try await run(key) }
    }

    private func run(_ key: String) async throws -> (results: DBTRunResults, head: ArtifactHead)? {
        guard case .found(let head, let bytes) = try await store.get(key, ifNoneMatch: nil) else { return nil }
        return (try DBTRunResults(parsing: bytes, named: key), head)
    }

    /// What `dbt source freshness` found, where that is read and the cursor does not know it.
    func newFreshness(_ cursor: inout DBTCursor) async throws -> DBTSourceResults? {
        guard let sourcesKey else { return nil }
        let known = cursor.sourcesTag
        let found = try await patiently { () async throws -> (results: DBTSourceResults, tag: String)? in
            guard case .found(let head, let bytes) = try await store.get(sourcesKey, ifNoneMatch: known) else {
                return nil
            }
            return (try DBTSourceResults(parsing: bytes, named: sourcesKey), head.etag)
        }
        cursor.sourcesTag = found?.tag ?? known
        return found?.results
    }

    /// Reads again, twice and a little later, what may have been in the middle of being written.
    func patiently<Value: Sendable>(_ read: () async throws -> Value) async throws -> Value {
        for wait in Self.waits {
            do {
                return try await read()
            } catch  where Self.mayPass(error) {
                try await clock.sleep(for: wait)
            }
        }
        return try await read()
    }

    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case DBTError.unreadable, FileError.changedWhileReading, ArtifactError.changedWhileReading,
            S3Error.unreadable:
            true
        default: false
        }
    }
}
