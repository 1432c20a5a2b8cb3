/// A mistake that the oracle has to find; it is put between the harness and the code that decides, never into that code.
package enum Bug: String, CaseIterable, Sendable {
    /// Compares with what the look before saw, not with what the consumer took in.
    case compareWithTick
    /// Takes a version as consumed when the run begins.
    case commitAtDetection
    /// Takes a version that could not be read as the one before.
    case unknownAsSame
    /// Gives a branch a version: what it chose; equal choices are no news.
    case branchWithVersion
    /// Takes fewer rows than before as nothing new.
    case skipOnFewerRows
}
