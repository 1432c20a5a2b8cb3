import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit

/// A project in a folder of its own, which goes with it.
final class TestProject {
    let folder: String

    /// Texts by path; `freshet.yaml` is added where it is missing.
    init(_ files: [String: String]) throws {
        folder = FileManager.default.temporaryDirectory.path + "/freshet-\(UUID().uuidString)"
        try write("freshet.yaml", Self.minimal)
        for (path, text) in files { try write(path, text) }
    }

    /// A project whose only asset file is this one.
    convenience init(assets: String, more: String = "") throws {
        try self.init(["freshet.yaml": Self.minimal + more, "assets/x.yaml": assets])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let minimal = """
        project: test
        connections:
          powerbi: {kind: powerbi, tenant_id: t, client_id: c, client_secret: "${secret:env/S}"}
          warehouse: {kind: postgresql, url: "${secret:file/url}"}

        """

    func write(_ path: String, _ text: String) throws { try write(path, Data(text.utf8)) }

    func write(_ path: String, _ data: Data) throws {
        let url = URL(fileURLWithPath: folder + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    func load(
        environment: String? = nil,
        variables: [String: String] = [:],
        resolved: [String: [AssetSpec]] = [:]
    ) throws -> LoadedProject {
        let loader = ProjectLoader(
            catalog: StandIns.catalog,
            resolvedSources: resolved,
            environmentVariables: variables
        )
        return try loader.load(folder: folder, environment: environment)
    }

    /// The mistakes as `line:column message`, and the hint in parentheses.
    func mistakes(environment: String? = nil, resolved: [String: [AssetSpec]] = [:]) throws -> [String] {
        do {
            return try load(environment: environment, resolved: resolved).warnings.map { "warning: \($0.line)" }
        } catch let error as LoadError {
            return error.diagnostics.map(\.line)
        }
    }
}

extension Diagnostic {
    fileprivate var line: String {
        "\(origin.line):\(origin.column) \(message)" + (hint.map { " (\($0))" } ?? "")
    }
}

extension Project {
    func asset(_ key: AssetKey) -> AssetDefinition? { assets.first { $0.spec.key == key } }
}
