private import FoundationEssentials

/// Reads a manifest piece by piece: it reaches 100 MB, most of it macros.
///
/// What is not read is only looked at for where it ends. A test or an exposure that is written in a way that is not
/// known is left out; a model or a source is an error, since what depends on it would never be refreshed.
struct DBTManifestReader: ArtifactReader {
    private let document: String
    private var manifest = DBTManifest()
    private var members = JSONMembers { section in
        switch section {
        case "metadata": .value
        case "exposures", "groups", "metrics", "saved_queries", "semantic_models", "sources": .members { _ in true }
        // Analyses and operations are no assets, and not even decoded.
        case "nodes": .members { DBTNodeID($0) != nil }
        default: .nothing
        }
    }
    /// What the file begins with, to word an error by.
    private var beginning: [UInt8] = []

    /// Errors call the file `document`.
    init(named document: String) { self.document = document }

    mutating func read(_ piece: [UInt8]) throws {
        if beginning.count < 64 { beginning += piece.prefix(64) }
        var manifest = self.manifest
        self.manifest = DBTManifest()
        defer { self.manifest = manifest }
        do {
            try members.read(piece) { try Self.take($0, into: &manifest) }
        } catch let error as JSONMembers.Failure {
            throw failure(error)
        } catch {
            throw DBTError.unreadable(document: document, reason: DBTError.reason(error, in: beginning))
        }
    }

    /// Says that the file has ended.
    ///
    /// - Throws: ``DBTError`` when it is of another kind, ended too early, or has no nodes.
    func finish() throws(DBTError) -> DBTManifest {
        do throws(JSONMembers.Failure) { try members.finish() } catch { throw failure(error) }
        if let kind = manifest.metadata.kind, kind != "manifest" {
            throw .other(document: document, kind: kind, expected: "manifest")
        }
        guard members.sections.contains("nodes") else {
            throw .unreadable(document: document, reason: "there is no 'nodes' at the top")
        }
        return manifest
    }

    private func failure(_ error: JSONMembers.Failure) -> DBTError {
        let reason =
            switch error {
            case .empty, .malformed: DBTError.reason(error, in: beginning)
            case .noObject: "a value of an unexpected type at the top"
            }
        return .unreadable(document: document, reason: reason)
    }

    private static func take(_ member: JSONMembers.Member, into manifest: inout DBTManifest) throws {
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            do {
                return try JSONDecoder().decode(type, from: Data(member.bytes))
            } catch let error as DecodingError {
                throw Misfit(place: [member.section, member.name].compactMap { $0 }, error: error)
            }
        }
        switch (member.section, member.name) {
        case ("metadata", _): manifest.metadata = try decode(DBTMetadata.self)
        case ("sources", let id?): manifest.sources[id] = try decode(DBTManifest.Node.self)
        case ("exposures", let id?): manifest.exposures[id] = try decode(Lenient<DBTManifest.Exposure>.self).value
        case ("metrics", let id?), ("saved_queries", let id?), ("semantic_models", let id?):
            manifest.meanings[id] = try decode(Lenient<DBTManifest.Meaning>.self).value
        case ("groups", _?):
            if let group = try decode(Lenient<DBTManifest.Group>.self).value { manifest.groups.append(group) }
        case ("nodes", let id?) where DBTNodeID(id)?.type == .test:
            manifest.tests[id] = try decode(Lenient<DBTManifest.Test>.self).value
        case ("nodes", let id?): manifest.nodes[id] = try decode(DBTManifest.Node.self)
        default: break
        }
    }

    /// A value that has another form than is known.
    struct Misfit: Error {
        var place: [String]
        var error: DecodingError
    }
}

extension DBTManifest {
    /// A manifest that is there in one piece.
    init(parsing bytes: [UInt8], named document: String) throws {
        var reader = DBTManifestReader(named: document)
        try reader.read(bytes)
        self = try reader.finish()
    }
}
