package import FreshetCore
package import FreshetKit

/// Watches one object of a bucket: a change is whatever gives it another ETag, size or version id.
///
/// The same bytes uploaded again may count as a change (in parts of another size, under another key of encryption, or
/// in a bucket with versions); other bytes never pass as the same.
///
/// - SeeAlso: Amazon S3 API Reference, "Object", on what an ETag is.
package struct S3ObjectProbe: Probe {
    package static let name = "s3.object"
    package static let summary = "An object of an S3 bucket, or a file; it changes when it is written."
    package static let fields = [
        Field(
            "connection",
            .connection([S3Connection.name, FileConnection.name]),
            required: true,
            "The bucket or folder."
        ),
        Field("object", .text, required: true, "The object's key in the bucket, or the file's path in the folder."),
    ]
    package static let examples = [
        """
        key: lake/orders
        kind: s3.object
        connection: lake
        object: raw/orders.parquet
        """
    ]

    private let connection: String
    private let object: String

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        object = try settings.requiredText("object")
        guard !object.isEmpty else {
            throw Diagnostic("'object' is empty", at: settings.origin(of: "object"), hint: "write the object's key")
        }
    }

    package func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation {
        let began = context.surroundings.clock.now
        let store = try context.connections.artifactStore(connection)
        guard let head = try await store.head(object) else {
            return Observation(
                .missing,
                signal: "etag",
                observedAt: began,
                message: "there is no object '\(object)' behind the connection '\(connection)'",
                query: "head \(object)",
                source: connection
            )
        }
        var values: [String: ObservedValue] = ["etag": .text(head.etag), "size": .integer(head.size)]
        values["last_modified"] = head.lastModified.map { .text($0) }
        values["version_id"] = head.versionID.map { .text($0) }
        return Observation(
            .known(Self.version(of: head)),
            signal: "etag",
            strength: type(of: store).etagStrength,
            values: values,
            observedAt: began,
            query: "head \(object)",
            source: connection,
            cost: ProbeCost(took: context.surroundings.clock.now - began, requests: 1)
        )
    }

    package var caveats: Caveats {
        Caveats(
            .exact,
            criesWolf: [
                "the same bytes uploaded again in parts of another size, under another key of encryption, or as a new "
                    + "version"
            ]
        )
    }

    package func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool {
        await hint.key(behind: connection, in: context) == object
    }

    static func version(of head: ArtifactHead) -> DataVersion {
        let parts = ["etag=\(head.etag)", "size=\(head.size)"] + (head.versionID.map { ["version_id=\($0)"] } ?? [])
        return DataVersion(parts.joined(separator: ";"))
    }
}
