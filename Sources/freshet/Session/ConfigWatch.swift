import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetServer

/// Compares the project's files with what the daemon loaded.
struct ConfigWatch: Sendable {
    private let folder: String
    private let environment: String?
    private let active: Project
    private let loadedAt: Timestamp
    private let texts: [String: String]

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
    }

    func report() -> ConfigReport {
        let present = ProjectLoader.texts(in: folder)
        var diagnostics: [Diagnostic] = []
        var next: Project?
        do {
            let loaded = try load()
            (next, diagnostics) = (loaded.project, loaded.warnings)
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
                before: status == .same ? nil : before,
                after: status == .same ? nil : after
            )
        }
        return ConfigReport(loadedAt: loadedAt, files: files, diagnostics: diagnostics, next: next)
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
