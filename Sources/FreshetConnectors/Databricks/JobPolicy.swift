import FreshetCore
import FreshetKit

/// How patient a job's run is waited for.
struct JobPolicy: Hashable, Sendable {
    /// What a run counts as whose leaves succeeded although some task failed.
    enum OnSuccessWithFailures: String, Hashable, Sendable, CaseIterable {
        case fail
        /// Succeeds, and says so.
        case warn
        case succeed
    }

    var pollInterval = Duration.seconds(5)
    /// What the wait is multiplied by after each look.
    var pollFactor = 1.5
    var pollMaxInterval = Duration.seconds(60)
    /// The longest wait between looks that the workspace may ask for.
    var retryAfterLimit = Duration.seconds(900)
    /// A longer wait than this before there is a run ends the attempt: nothing sleeps for it.
    var parkAfter = Duration.seconds(120)
    var parkLimit = Duration.seconds(86_400)
    /// How long it is tried to begin a run that certainly has not begun.
    var startGrace = Duration.seconds(300)
    var missingGrace = Duration.seconds(300)
    var cancelGrace = Duration.seconds(120)
    /// The deadline of a run that was given none.
    var longestRun = Duration.seconds(86_400)

    init() {}

    init(from settings: Settings) throws(Diagnostic) {
        pollInterval = try Self.positive("poll_interval", settings) ?? pollInterval
        pollMaxInterval = try Self.positive("poll_max_interval", settings) ?? pollMaxInterval
        missingGrace = try Self.positive("missing_grace", settings) ?? missingGrace
        cancelGrace = try Self.positive("cancel_grace", settings) ?? cancelGrace
    }

    private static func positive(_ name: String, _ settings: Settings) throws(Diagnostic) -> Duration? {
        guard let duration = try settings.duration(name) else { return nil }
        if duration > .zero { return duration }
        throw Diagnostic("'\(name)' has to be more than zero", at: settings.origin(of: name))
    }
}
