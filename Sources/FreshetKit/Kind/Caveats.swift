public import FreshetCore

/// What is known of a signal's errors.
public struct Caveats: Hashable, Sendable {
    public var strength: Strength
    /// Changes that it does not see, each as a short phrase such as `an update in place`.
    public var misses: [String]
    /// What moves it although no row changed, each as a short phrase such as `the same bytes uploaded again`.
    public var criesWolf: [String]

    public init(_ strength: Strength = .exact, misses: [String] = [], criesWolf: [String] = []) {
        self.strength = strength
        self.misses = misses
        self.criesWolf = criesWolf
    }
}
