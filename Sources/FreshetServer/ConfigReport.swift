public import FreshetCore
public import FreshetKit

/// The project's files as they are on the disk, beside what the daemon works with.
public struct ConfigReport: Sendable {
    public struct File: Sendable {
        public enum Status: String, Sendable { case same, changed, added, removed }
        public var name: String
        public var status: Status
        /// How many assets it states.
        public var assets: Int
        /// As it was loaded; `nil` for one that was not there.
        public var before: String?
        /// As it is; `nil` for one that is gone.
        public var after: String?

        public init(name: String, status: Status, assets: Int, before: String?, after: String?) {
            self.name = name
            self.status = status
            self.assets = assets
            self.before = before
            self.after = after
        }
    }

    /// When what is active was loaded.
    public var loadedAt: Timestamp
    public var files: [File]
    /// Mistakes and warnings of the files as they are.
    public var diagnostics: [Diagnostic]
    /// What the files come to; `nil` when they have mistakes.
    public var next: Project?

    public init(loadedAt: Timestamp, files: [File], diagnostics: [Diagnostic], next: Project?) {
        self.loadedAt = loadedAt
        self.files = files
        self.diagnostics = diagnostics
        self.next = next
    }

    public var differs: Bool { files.contains { $0.status != .same } }
    public var isValid: Bool { !diagnostics.contains { $0.severity == .error } }
}
