private import FoundationEssentials

/// A JSON file that dbt writes.
///
/// Only the members that are needed are decoded. The largest of its files is read in pieces: ``DBTManifestReader``.
///
/// - SeeAlso: schemas.getdbt.com, one schema a kind and version.
protocol DBTDocument: Decodable {
    /// As in the address of its schema.
    static var kind: String { get }
    var metadata: DBTMetadata { get }
}

/// What dbt says about a file in the file.
struct DBTMetadata: Decodable, Sendable {
    /// Such as `https://schemas.getdbt.com/dbt/manifest/v12.json`.
    var schema: String?
    var dbtVersion: String?
    var generatedAt: String?
    var invocationID: String?
    var adapter: String?

    enum CodingKeys: String, CodingKey {
        case schema = "dbt_schema_version"
        case dbtVersion = "dbt_version"
        case generatedAt = "generated_at"
        case invocationID = "invocation_id"
        case adapter = "adapter_type"
    }

    /// Such as `manifest`.
    var kind: String? {
        guard let parts = schema?.split(separator: "/"), parts.count >= 2 else { return nil }
        return String(parts[parts.count - 2])
    }
}

extension DBTDocument {
    /// Decodes the whole file, or nothing of it; errors call it `document`.
    init(parsing bytes: [UInt8], named document: String) throws(DBTError) {
        let data = Data(bytes)
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            // The kind is asked for only to word the error better than "there is no 'results'".
            if let kind = (try? JSONDecoder().decode(Header.self, from: data))?.metadata.kind, kind != Self.kind {
                throw .other(document: document, kind: kind, expected: Self.kind)
            }
            throw .unreadable(document: document, reason: Self.reason(error, in: bytes))
        }
        if let kind = metadata.kind, kind != Self.kind {
            throw .other(document: document, kind: kind, expected: Self.kind)
        }
    }

    private static func reason(_ error: any Error, in bytes: [UInt8]) -> String {
        DBTError.reason(error, in: bytes)
    }
}

extension DBTError {
    /// What is wrong with a file, as its bytes and the decoder say.
    static func reason(_ error: any Error, in bytes: some Sequence<UInt8>) -> String {
        guard let first = bytes.first(where: { $0 > UInt8(ascii: " ") }) else { return "it is empty" }
        if first == UInt8(ascii: "<") { return "it is HTML or XML, not JSON" }
        let misfit = error as? DBTManifestReader.Misfit
        switch misfit?.error ?? error as? DecodingError {
        case .keyNotFound(let key, let context):
            return "there is no '\(key.stringValue)'" + place(misfit?.place ?? [], context.codingPath)
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "a value of an unexpected type" + place(misfit?.place ?? [], context.codingPath)
        default: return halfWritten
        }
    }

    static let halfWritten = "it is not JSON, or is half-written"

    private static func place(_ outer: [String], _ path: [any CodingKey]) -> String {
        let place = outer + path.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return place.isEmpty ? " at the top" : " in " + place.joined(separator: "/")
    }
}

private struct Header: Decodable {
    var metadata: DBTMetadata
}

/// A value that nothing but a label or a figure depends on: of another type than expected, it counts as not there.
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    var value: Value?

    init(from decoder: any Decoder) {
        // The whole file must not be lost to an owner that is written as a number.
        value = try? Value(from: decoder)
    }
}
