import FoundationEssentials
import FreshetCore
import FreshetKit

/// What sources yielded when they were read last, beside the store: so that a command needs no network to know the graph.
struct SourceCache {
    let folder: String

    init(root: String) { folder = root + "/.freshet/sources" }

    private struct Entry: Codable {
        var key: String
        var deps: [String]
        var kind: String
        var group: String?
        var owners: [String]
        var tags: [String: String]
        var description: String?
        var links: [Link]?
    }

    private struct Link: Codable {
        var kind: String
        var settings: [String: [String]]
    }

    /// By source; a source without a readable file is left out.
    func read(_ sources: [SourceDefinition]) -> [String: [AssetSpec]] {
        var found: [String: [AssetSpec]] = [:]
        for source in sources {
            // Not there, or damaged: as if the source had never been read.
            guard let data = FileManager.default.contents(atPath: path(source.name)),
                let entries = try? JSONDecoder().decode([Entry].self, from: data)
            else { continue }
            found[source.name] = entries.map { entry in
                AssetSpec(
                    key: AssetKey(entry.key),
                    role: .observed,
                    dependencies: entry.deps.map { AssetKey($0) },
                    links: (entry.links ?? []).map { AssetLink(kind: $0.kind, settings: $0.settings) },
                    labels: Labels(
                        kind: entry.kind,
                        group: entry.group,
                        owners: entry.owners,
                        tags: entry.tags,
                        description: entry.description
                    )
                )
            }
        }
        return found
    }

    /// - Throws: the file system's error.
    func write(_ assets: [AssetSpec], of source: String) throws {
        let entries = assets.map { asset in
            Entry(
                key: asset.key.path,
                deps: asset.dependencies.map(\.path),
                kind: asset.labels.kind,
                group: asset.labels.group,
                owners: asset.labels.owners,
                tags: asset.labels.tags,
                description: asset.labels.description,
                links: asset.links.isEmpty ? nil : asset.links.map { Link(kind: $0.kind, settings: $0.settings) }
            )
        }
        let file = path(source)
        let parent = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try JSONEncoder().encode(entries).write(to: URL(filePath: file), options: .atomic)
    }

    private func path(_ source: String) -> String { "\(folder)/\(source.replacing("/", with: "-")).json" }
}
