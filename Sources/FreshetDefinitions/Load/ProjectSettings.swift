internal import FreshetCore
internal import FreshetKit

/// What `freshet.yaml` says, with the environment applied.
struct ProjectSettings {
    /// Whether the file could be read at all, so that it makes sense to look at assets.
    var isReadable = false
    var name = ""
    var timeZone = "UTC"
    var store = ""
    var environment: String?
    var mode: Project.Mode = .act
    var references = References(variables: [:])
    var secretBackends: [SecretBackendDefinition] = []
    var connections: [ConnectionDefinition] = []
    var sources: [SourceDefinition] = []
    /// Where each source is stated, by its name.
    var sourceOrigins: [String: Origin] = [:]
    var hints: [HintSourceDefinition] = []
    var hooks: [StatedHook] = []
    var pools: [String: Budget.Limits] = [:]
    var listen: String?
    var server: Settings?
    /// By kind: what holds for its assets, the environment's over the project's, with variables replaced.
    var defaults: [RawEntry] = []
    /// The defaults of environments that do not apply now, which are only checked.
    var otherDefaults: [RawEntry] = []
    /// What fields may refer to.
    var names = ShapeDecoder.Names(connections: [:], pools: [])
}
