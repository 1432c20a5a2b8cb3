import Synchronization

/// Traces that wait to be sent; when there are too many, the oldest give way.
package final class TraceQueue: Sendable {
    /// How many traces wait at most.
    package static let most = 1000
    /// How many spans one request has at most; about half a megabyte.
    static let spansInARequest = 1000

    let batches: AsyncStream<[Span]>
    private let continuation: AsyncStream<[Span]>.Continuation
    private let meters: Meters

    /// - Parameter meters: are told what gave way.
    package init(_ meters: Meters) {
        self.meters = meters
        (batches, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.most))
    }

    /// Returns at once.
    package func offer(_ spans: [Span]) {
        var rest = spans[...]
        while !rest.isEmpty {
            if case .dropped = continuation.yield(Array(rest.prefix(Self.spansInARequest))) {
                meters.count(.tracesSent, "dropped")
            }
            rest = rest.dropFirst(Self.spansInARequest)
        }
    }

    /// What waits can still be taken; nothing more comes.
    package func finish() { continuation.finish() }
}
