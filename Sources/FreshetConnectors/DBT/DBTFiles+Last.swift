import FreshetCore
import FreshetKit

/// The one file that dbt overwrites with each command, and the copies that `dbt.run` keeps beside it.
extension DBTFiles {
    /// What a document of results says, in the order in which they were written.
    private struct Document {
        var results: DBTRunResults
        var head: ArtifactHead
        /// Whether `dbt.run` kept what was there before.
        var isKept: Bool
    }

    func newRunOfLast(_ cursor: inout DBTCursor) async throws -> News {
        let key = runResults.text
        let known = cursor.etag
        let now = clock.now
        let answer = try await patiently { () async throws -> (ArtifactAnswer, DBTRunResults?) in
            let answer = try await store.get(key, ifNoneMatch: known)
            guard case .found(_, let bytes) = answer else { return (answer, nil) }
            return (answer, try DBTRunResults(parsing: bytes, named: key))
        }
        var last: Document?
        var news = News()
        switch answer {
        // It was there: somebody moved or deleted it, and what is built since would not be seen.
        case (.missing, _) where known != nil: throw DBTError.missing(document: key)
        case (.missing, _): news.note = "no run yet: no '\(key)'"
        case (.found(let head, _), let results?): last = Document(results: results, head: head, isKept: false)
        default: break
        }
        // Listed after the file itself is read: what it has overwritten was kept before.
        let current = last?.results.metadata.invocationID ?? cursor.invocation
        var (documents, left, isCurrentKept) = try await newCopies(unless: current, &cursor)
        if left > 0 {
            // The file is newer than all of them, and so is read after them.
            last = nil
        } else if var read = last {
            read.isKept = isCurrentKept
            cursor.etag = read.head.etag
            documents.append(read)
        }
        let look = memory.look
        if let etag = cursor.etag, left == 0 { memory.look = DBTMemory.Look(etag: etag, at: now) }
        if !documents.isEmpty { news.note = nil }
        for document in documents {
            if known != nil, !document.isKept, !document.results.isOfBuild,
                document.results.metadata.invocationID != cursor.invocation,
                let doubt = DBTDoubt(
                    document.results,
                    Run(document.results, document.head).version,
                    document: key,
                    seen: look.flatMap { $0.etag == known ? $0.at : nil },
                    isHere: store is FileConnection
                )
            {
                news.doubts.append(doubt)
            }
            cursor.invocation = document.results.metadata.invocationID
            if document.results.isOfTests {
                news.runs.append(Run(document.results, document.head))
            } else {
                news.note = "'\(key)' is of \(document.results.command), which builds nothing"
            }
        }
        if left > 0 { news.note = "\(left) more results are left for the next looks" }
        return news
    }

    /// The copies that were not read, the oldest first, and how many more there are.
    ///
    /// The copy of the run `current`, which is read from the file itself, is taken for read. Only a folder of this machine
    /// is searched: `dbt.run` keeps copies nowhere else.
    private func newCopies(
        unless current: String?,
        _ cursor: inout DBTCursor
    ) async throws -> (documents: [Document], left: Int, isCurrentKept: Bool) {
        guard store is FileConnection else { return ([], 0, false) }
        let key = runResults.text
        let query = ArtifactQuery(prefix: DBTKept.start(key))
        let listed = try await store.list(query).entries.filter { DBTKept($0.key, beside: key) != nil }
        let keys = Set(listed.map(\.key))
        cursor.files = cursor.files.filter { keys.contains($0.key) }
        var isCurrentKept = false
        var ofCurrent: [ArtifactEntry] = []
        var new: [(entry: ArtifactEntry, isFound: Bool)] = []
        for entry in listed {
            guard let copy = DBTKept(entry.key, beside: key) else { continue }
            if copy.invocation == current {
                isCurrentKept = !copy.isFound
                ofCurrent.append(entry)
            } else if cursor.files[entry.key] == nil {
                new.append((entry, copy.isFound))
            }
        }
        new.sort { ($0.entry.lastModified, $0.entry.key) < ($1.entry.lastModified, $1.entry.key) }
        var documents: [Document] = []
        for (entry, isFound) in new.prefix(Self.mostNewRuns) {
            guard let (results, head) = try await patientRun(entry.key) else { continue }
            cursor.files[entry.key] = head.etag
            documents.append(Document(results: results, head: head, isKept: !isFound))
        }
        let left = max(new.count - Self.mostNewRuns, 0)
        // Otherwise the file is left for the next look, and may be overwritten until then.
        if left == 0 { for entry in ofCurrent { cursor.files[entry.key] = entry.etag } }
        func endedAt(_ document: Document) -> Int64 { Run(document.results, document.head).endedAt }
        documents.sort { endedAt($0) < endedAt($1) }
        return (documents, left, isCurrentKept)
    }
}
