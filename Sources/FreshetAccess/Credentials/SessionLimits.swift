package import FreshetCore
package import FreshetKit

/// How long a session lasts.
package struct SessionLimits: Hashable, Sendable {
    /// Without a request.
    package var idle: Duration
    /// However much it is used.
    package var absolute: Duration

    package init(idle: Duration = .seconds(12 * 3600), absolute: Duration = .seconds(7 * 86_400)) {
        self.idle = idle
        self.absolute = absolute
    }

    package func hasEnded(_ session: SessionRecord, at now: Timestamp) -> Bool {
        now >= session.endsAt || now >= session.lastUsedAt + idle
    }

    /// When it ends if nothing more is asked.
    package func end(of session: SessionRecord) -> Timestamp { min(session.endsAt, session.lastUsedAt + idle) }
}
