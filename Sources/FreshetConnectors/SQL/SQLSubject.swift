import FreshetCore

/// What a version was read of: where, in what, which figures.
///
/// Two tables may hold equal figures. The short mark stands at the end of every version, so that one of another subject
/// is another version: `row_count=3;of=5d0c1a7e`.
struct SQLSubject: Hashable, Sendable {
    private let mark: String

    /// - Parameters:
    ///   - connection: by its name in the project; its address may be a secret, and may move.
    ///   - parts: whatever else tells one subject from another.
    init(_ connection: String, _ parts: [String]) {
        var hash = Fingerprint()
        for part in [connection] + parts { hash.add(part) }
        mark = String(hash.hexadecimal.suffix(8))
    }

    /// The version with the mark; what is not known has none.
    func marked(_ version: VersionState) -> VersionState {
        guard case .known(let known) = version else { return version }
        return .known(known.marked(of: mark))
    }

    /// Whether something that was seen before can have been this subject; where no version is known, nobody can say.
    func mayBe(_ observation: Observation) -> Bool {
        guard case .known(let version) = observation.version else { return true }
        return version == DataVersion(version.text).marked(of: mark)
    }
}
