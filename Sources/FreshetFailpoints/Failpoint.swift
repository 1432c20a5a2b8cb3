/// A place at which a test may end, fail or delay the program.
///
/// Outside the code a name is spelt with a point after its first word: `postAfterSend` is `post.after_send`. A new
/// one is tested by `make crash` without being listed anywhere.
@usableFromInline
package enum Failpoint: CaseIterable, Hashable, Sendable {
    /// A former process's refresh has been found in history; that is not on record yet.
    case adoptBeforeCommit
    case acceptBeforeCommit
    case acceptAfterCommit
    /// The wish to cancel is on record; the service has not heard of it.
    case cancelCommitted
    case cancelDeleteSent
    case configParsed
    case intentBeforeCommit
    case intentAfterCommit
    case lockAcquired
    case lockEpochWritten
    case planBeforeCommit
    case planAfterCommit
    case pollBefore
    case pollAfter
    /// The refresh has ended over there; that is not on record yet.
    case pollBeforeCommit
    case postBeforeConnect
    /// The whole request has been handed to the system; no answer has been read.
    case postAfterSend
    case postAfterHeaders
    case postAfterBody
    case runFinishing
    case runFinished
    case shutdownBegun
    case shutdownDrained
    /// The attempt is on record as running, and has not begun.
    case stepClaimed
    case stepSkippedCommit
    /// The sensor has looked; nothing is decided.
    case tickLoaded
    case tickEvaluated
    case tickBeforeCommit
    case tickAfterCommit
    case triggerReceived
    case triggerBeforeCommit
    case triggerAfterCommit
    /// The engine knows of it; the caller has no answer yet.
    case triggerBeforeAck
}

#if FRESHET_FAILPOINTS
    /// Does what the environment says for this place; `nil` is no place.
    ///
    /// An action `error` has no effect here: there is nothing that could fail.
    package func failpoint(_ point: @autoclosure () -> Failpoint?) {
        if let point = point() { _ = Failpoints.pass(point) }
    }

    /// Does what the environment says for this place; `error` makes the error of its text.
    package func failpoint<E: Error>(_ point: @autoclosure () -> Failpoint?, throwing error: (String) -> E) throws(E) {
        if let point = point(), let text = Failpoints.pass(point) { throw error(text) }
    }
#else
    /// Nothing, in a normal build.
    @inlinable
    package func failpoint(_ point: @autoclosure () -> Failpoint?) {}

    /// Nothing, in a normal build.
    @inlinable
    package func failpoint<E: Error>(_ point: @autoclosure () -> Failpoint?, throwing error: (String) -> E) throws(E) {}
#endif
