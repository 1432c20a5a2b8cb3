import FoundationEssentials
import FreshetCore
import FreshetKit

/// A project and its store, opened to read.
struct Reading {
    let project: Project
    let store: any RunStore
    let output: Output
    let now: Timestamp

    /// - Throws: ``Failure``; ``Failure/neverStarted(store:)`` when nothing has been recorded yet.
    static func open(_ options: ProjectOptions) async throws -> Reading {
        let project = try options.loadProject()
        guard FileManager.default.fileExists(atPath: project.store) else {
            throw Failure.neverStarted(store: project.store)
        }
        let store = try await Wiring.openReader(project.store)
        return Reading(project: project, store: store, output: options.output, now: Wiring.clock.now)
    }

    /// Does `body` with the store's errors worded for its path.
    func ask<Value>(_ body: () async throws(StoreError) -> Value) async throws -> Value {
        do throws(StoreError) { return try await body() } catch { throw Failure.store(error, path: project.store) }
    }

    func snapshot() async throws -> StoreSnapshot {
        try await ask { () throws(StoreError) in try await store.snapshot() }
    }

    func ago(_ moment: Timestamp?) -> String { moment.map { (now - $0).ago } ?? "never" }
}

extension Project {
    /// - Throws: ``Failure/unknownAsset(_:nearest:)``.
    func asset(_ name: String) throws -> AssetSpec {
        let key = AssetKey(name)
        guard let found = graph[key] else {
            throw Failure.unknownAsset(name, nearest: AssetKey.nearest(to: key, among: graph.ordered.map(\.key))?.path)
        }
        return found
    }

    /// The assets that a selection names, in graph order; all of them for `nil`.
    ///
    /// - Throws: ``Failure/selection(_:_:)``.
    func select(_ text: String?) throws -> [AssetSpec] {
        guard let text else { return graph.ordered }
        do throws(SelectionError) {
            let chosen = try Selection(parsing: text).resolve(in: graph)
            return graph.ordered.filter { chosen.contains($0.key) }
        } catch {
            throw Failure.selection(error, text)
        }
    }
}

/// The rules of time zones, from the system's files.
enum ZoneFiles {
    /// UTC for a zone that cannot be read: definitions were checked to name one that exists.
    static func rules(_ name: String) -> TimeZoneRules {
        let folder = Wiring.environment["TZDIR"] ?? "/usr/share/zoneinfo"
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
            let rules = try? TimeZoneRules(tzif: Array(data))
        else { return .utc }
        return rules
    }
}
