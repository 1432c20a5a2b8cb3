package import FreshetCore
import FreshetKit

extension Documents {
    /// One entry of `freshet assets --json`.
    package static func asset(_ asset: AssetSpec) -> JSONValue {
        [
            "asset": .text(asset.key.path), "kind": .text(asset.labels.kind), "role": .text(asset.roleName),
            "deps": keys(asset.upstreams), "group": text(asset.labels.group),
            "owners": .list(asset.labels.owners.map { .text($0) }),
            "tags": .object(asset.labels.tags.mapValues { .text($0) }),
            "description": text(asset.labels.description), "code_version": .text(asset.codeVersion),
            "parts": .object(asset.parts.mapValues(keys)),
        ]
    }
}

extension AssetSpec {
    /// `observed`, `materialized` or `branch`.
    package var roleName: String {
        switch role {
        case .observed: "observed"
        case .materialized: "materialized"
        case .branch: "branch"
        }
    }
}
