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
    /// The last report and the files it was made from: those who look at a page do not load the project each time.
    private let last = Mutex<(present: [String: String], report: ConfigReport)?>(nil)

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
        let present = ProjectLoader.texts(in: folder)
        if let last = last.withLock(\.self), last.present == present { return last.report }
        let report = report(on: present)
        last.withLock { $0 = (present, report) }
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
