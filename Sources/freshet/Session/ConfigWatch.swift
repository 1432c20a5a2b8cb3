import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetServer
import Synchronization

/// Compares the project's files with what the daemon loaded.
final class ConfigWatch: Sendable {
    private let folder: String
    private let environment: String?
    private let active: Project
    private let loadedAt: Timestamp
    private let texts: [String: String]
    /// Shows files without what may be a secret in them.
    private let shown: DiagnosticText
    private struct Last {
        var present: [String: String]
        var report: ConfigReport
        /// When the report was made, and when the files were last read.
        var madeAt: Timestamp
        var readAt: Timestamp
    }
    private let last = Mutex<Last?>(nil)
    /// How old a glance may be in which files are changed, and one in which what they lead to is.
    private static let (glance, patience) = (Duration.seconds(2), Duration.seconds(60))

    /// - Parameters:
    ///   - folder: of the project.
    ///   - active: what the daemon works with, just loaded.
    ///   - now: the present moment.
    init(folder: String, active: Project, at now: Timestamp) {
        self.folder = folder
        self.active = active
        environment = active.environment
        loadedAt = now
        texts = ProjectLoader.texts(in: folder)
        shown = DiagnosticText(folder: folder, catalog: Wiring.catalogForMessages(of: active.root))
    }

    func report() -> ConfigReport {
        report(on: ProjectLoader.texts(in: folder))
    }

    /// The same as it was a short while ago, for those who look again and again: a project is not loaded for each.
    ///
    /// - Parameter now: the present moment.
    /// - Returns: what was true at most a minute ago, of the files themselves two seconds ago.
    func recent(at now: Timestamp) -> ConfigReport {
        let known = last.withLock(\.self)
        if let known, now - known.readAt < Self.glance { return known.report }
        let present = ProjectLoader.texts(in: folder)
        if var known, known.present == present, now - known.madeAt < Self.patience {
            known.readAt = now
            last.withLock { [known] in $0 = known }
            return known.report
        }
        let report = report(on: present)
        last.withLock { $0 = Last(present: present, report: report, madeAt: now, readAt: now) }
        return report
    }

    private func report(on present: [String: String]) -> ConfigReport {
        var diagnostics: [Diagnostic] = []
        var next: Project?
        do {
            let loaded = try load()
            diagnostics = loaded.warnings + problems(of: loaded.project)
            next = loaded.project
        } catch {
            diagnostics = error.diagnostics
        }
        var counts: [String: Int] = [:]
        for asset in (next ?? active).assets { counts[asset.settings.origin.file, default: 0] += 1 }
        let files = Set(texts.keys).union(present.keys).sorted().map { name -> ConfigReport.File in
            let (before, after) = (texts[name], present[name])
            let status: ConfigReport.File.Status =
                before == after ? .same : before == nil ? .added : after == nil ? .removed : .changed
            return ConfigReport.File(
                name: name,
                status: status,
                assets: counts[name] ?? 0,
                before: status == .same ? nil : before.map(shown.withoutSecrets),
                after: status == .same ? nil : after.map(shown.withoutSecrets)
            )
        }
        return ConfigReport(loadedAt: loadedAt, files: files, diagnostics: diagnostics, next: next)
    }

    private static let project = Origin(file: "freshet.yaml")

    /// What would keep a daemon from beginning with these definitions: one that has stopped for them could not go back.
    private func problems(of next: Project) -> [Diagnostic] {
        var problems: [Diagnostic]
        do { problems = try Wiring.diagnostics(of: next) } catch {
            problems = [Diagnostic("\(error)", at: Self.project)]
        }
        if next.store != active.store {
            problems.append(
                Diagnostic(
                    "the store is another one than the daemon's, '\(active.store)'",
                    at: Self.project,
                    hint: "stop the daemon and start it again"
                )
            )
        }
        return problems
    }

    private func load() throws(LoadError) -> LoadedProject {
        let catalog = Wiring.catalogForMessages(of: active.root)
        let loader = ProjectLoader(
            catalog: catalog,
            resolvedSources: SourceCache(root: active.root).read(active.sources),
            environmentVariables: Wiring.environment
        )
        return try loader.load(folder: folder, environment: environment)
    }
}
