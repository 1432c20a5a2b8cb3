internal import FreshetCore
internal import FreshetKit

/// One walk from a log's newest commit back to the last that changed data.
struct DeltaWalk {
    /// More commits are not read at one look; the version is then unknown until a later look has caught up.
    private static let longestWalk = 500
    /// A larger commit is not read: it counts as one that changes data, which such commits do.
    private static let largestCommit: Int64 = 64 << 20

    let store: any ArtifactStore
    /// The folder, with a slash at its end.
    let log: String
    /// How far an earlier look came.
    let memory: DeltaMemory?
    private(set) var requests = 0
    private(set) var bytes: Int64 = 0

    init(store: any ArtifactStore, log: String, memory: DeltaMemory?) {
        self.store = store
        self.log = log
        self.memory = memory
    }

    enum Finding {
        /// No table.
        case none
        case found(DeltaMemory)
        /// It cannot be told whether data changed; the memory is where the next look begins, `nil` for anew.
        case unclear(String, DeltaMemory?)
    }

    private struct Listing {
        var commits: [Int64: ArtifactEntry] = [:]
        var checkpoints: Set<Int64> = []
        var isStaged = false
        var newest: Int64? { commits.keys.max() }
    }

    mutating func find() async throws -> Finding {
        // What was read before is listed again with what came since: whether it is still the same table is seen by it.
        var start = memory?.newest
        if start == nil { start = try await lastCheckpoint() }
        var listing = try await list(from: start)
        if listing.newest == nil || memory.map({ listing.commits[$0.newest] == nil }) ?? false {
            listing = try await list(from: nil)
        }
        if listing.isStaged {
            return .unclear("the table's commits are coordinated by a catalog: its log alone does not tell", nil)
        }
        guard let newest = listing.newest else {
            guard let checkpoint = listing.checkpoints.max() else { return .none }
            return .unclear("the log holds a checkpoint of version \(checkpoint) and no commit", nil)
        }
        let known = try await confirmed(listing)
        let finding = try await walk(from: newest, listing, known)
        if case .short = finding, memory == nil || known == nil {
            // The listing began at a checkpoint, and nothing behind it changed data.
            let whole = try await list(from: nil)
            return conclude(try await walk(from: newest, whole, nil), newest, whole, known: nil)
        }
        return conclude(finding, newest, listing, known: known)
    }

    private enum Steps {
        /// The commit that changed data, and the content of the newest.
        case data(DeltaMemory.Data, newestContent: String)
        /// Down to what an earlier look has read.
        case reachedMemory(newestContent: String)
        /// Down to version 0, which every table has, without a change: a table that was made empty.
        case reachedStart(newestContent: String, oldestContent: String)
        /// Down to a commit whose predecessor is not listed.
        case short(at: Int64, newestContent: String, oldestContent: String)
        case tooLong
    }

    private mutating func walk(from newest: Int64, _ listing: Listing, _ known: DeltaMemory?) async throws -> Steps {
        var newestContent = known?.newest == newest ? known?.newestContent ?? "" : ""
        var oldestContent = newestContent
        var version = newest
        var steps = 0
        while true {
            if let known, version == known.newest { return .reachedMemory(newestContent: newestContent) }
            guard let entry = listing.commits[version] else {
                return .short(at: version + 1, newestContent: newestContent, oldestContent: oldestContent)
            }
            guard steps < Self.longestWalk else { return .tooLong }
            steps += 1
            let (content, commit) = try await read(entry)
            if version == newest { newestContent = content }
            oldestContent = content
            if commit?.changesData ?? true {
                let data = DeltaMemory.Data(
                    number: version,
                    content: content,
                    operation: commit?.operation ?? "",
                    timestamp: commit?.timestamp
                )
                return .data(data, newestContent: newestContent)
            }
            if version == 0 { return .reachedStart(newestContent: newestContent, oldestContent: content) }
            version -= 1
        }
    }

    private func conclude(_ steps: Steps, _ newest: Int64, _ listing: Listing, known: DeltaMemory?) -> Finding {
        var result = DeltaMemory(log: log, newest: newest, newestContent: "")
        switch steps {
        case .data(let data, let content):
            result.newestContent = content
            result.data = data
            return .found(result)
        case .reachedMemory(let content):
            result.newestContent = content
            result.data = known?.data
            result.floor = known?.floor
            result.anchor = known?.anchor
            return .found(result)
        case .reachedStart(let content, let anchor):
            result.newestContent = content
            result.floor = 0
            result.anchor = anchor
            return .found(result)
        case .short(let oldest, let content, let anchor):
            result.newestContent = content
            result.anchor = anchor
            guard let floor = listing.checkpoints.filter({ $0 >= oldest - 1 }).min() else {
                return .unclear("the log lacks version \(oldest - 1), and no checkpoint stands for it", nil)
            }
            result.floor = floor
            // At the first look there is nothing that the data could differ from.
            guard memory != nil else { return .found(result) }
            return .unclear("the log was cleaned up to version \(floor) before all of it was read", result)
        case .tooLong:
            return .unclear("none of the last \(Self.longestWalk) commits changed data; older ones are not read", nil)
        }
    }

    // MARK: Reading

    /// What an earlier look found, if this is still the table that it looked at.
    private mutating func confirmed(_ listing: Listing) async throws -> DeltaMemory? {
        guard let memory, let entry = listing.commits[memory.newest] else { return nil }
        return try await read(entry).content == memory.newestContent ? memory : nil
    }

    private mutating func list(from version: Int64?) async throws -> Listing {
        // A name sorts behind every shorter one that it begins with: the version's own files are all listed.
        let after = version.map { log + DeltaLogFile.name(of: $0) }
        let found = try await store.list(ArtifactQuery(prefix: log, after: after))
        requests += found.requests
        var listing = Listing()
        for entry in found.entries {
            switch DeltaLogFile(name: entry.key.dropFirst(log.count)) {
            case .commit(let version): listing.commits[version] = entry
            case .checkpoint(let version): listing.checkpoints.insert(version)
            case .staged: listing.isStaged = true
            case .other: break
            }
        }
        return listing
    }

    /// What `_last_checkpoint` names: a place to begin the list, and no more; it may be late or missing.
    private mutating func lastCheckpoint() async throws -> Int64? {
        requests += 1
        guard case .found(_, let content) = try await store.get(log + "_last_checkpoint", ifNoneMatch: nil) else {
            return nil
        }
        bytes += Int64(content.count)
        // A file that cannot be read is only a longer list.
        return (try? JSONValue(parsing: content))?["version"]?.integer
    }

    /// - Returns: a hash of the commit's content, and what it did; `nil` for one that is too large to be read.
    private mutating func read(_ entry: ArtifactEntry) async throws -> (content: String, commit: DeltaCommit?) {
        guard entry.size <= Self.largestCommit else { return (entry.state, nil) }
        requests += 1
        guard case .found(_, let content) = try await store.get(entry.key, ifNoneMatch: nil) else {
            throw DeltaError.vanished(entry.key)
        }
        bytes += Int64(content.count)
        let commit = await offPool { () throws(Never) in DeltaCommit(parsing: content) }
        return (String(SHA256.hexadecimal(of: content).prefix(32)), commit)
    }
}

/// Why a log could not be read.
package enum DeltaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Reading the log again may succeed.
    case vanished(String)

    package var description: String {
        switch self {
        case .vanished(let key): "\(key) was cleaned away while the log was read"
        }
    }
}
