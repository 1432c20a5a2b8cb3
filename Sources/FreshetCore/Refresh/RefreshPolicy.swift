/// How patient a refresh is, and what it does about the refreshes of others.
package struct RefreshPolicy: Hashable, Sendable {
    /// What to do when somebody else's refresh of the same model is running.
    package enum OnConflict: String, Hashable, Sendable, CaseIterable {
        /// Waits until it has ended, then asks for one of our own.
        case wait
        /// Takes its end for ours where that is sound: it began after the inputs were read, and covers what we need.
        /// Otherwise waits.
        case adopt
        /// Asks for nothing, and calls that no failure.
        case skip
        case fail
    }

    package var onConflict = OnConflict.wait
    /// Whether another attempt may follow one that is proved never to have come to be.
    package var afterNotFound = RetryClass.now

    /// The wait after the first look at our own refresh.
    package var pollInterval = Duration.seconds(5)
    /// What the wait is multiplied by after each look.
    package var pollFactor = 1.5
    package var pollMaxInterval = Duration.seconds(60)
    /// The share of a wait by which it may vary to either side.
    package var pollJitter = 0.2
    /// The longest wait that the remote system may ask for.
    package var retryAfterLimit = Duration.seconds(900)

    /// When history is read again for a request without an answer, counted from the first reading.
    package var reconcileAfter: [Duration] = [.seconds(30), .seconds(60), .seconds(120)]
    /// How far clocks may differ beyond what the `Date` header shows.
    package var clockTolerance = Duration.seconds(60)
    /// How many entries of history are asked for; the service keeps at most 60.
    package var historySize = 60
    /// How long the service is sure to keep an entry, if not pushed out by others.
    package var historyKept = Duration.seconds(3 * 86_400)

    /// How long an accepted refresh may be missing before it counts as lost.
    package var missingGrace = Duration.seconds(300)
    /// How long a cancelled refresh may take to end before it counts as still running.
    package var cancelGrace = Duration.seconds(120)
    /// How often the reading of history before a refresh is tried.
    package var preflightTries = 3
    /// The longest wait between two of these tries that the service may ask for.
    package var longestPreflightRest = Duration.seconds(120)
    /// The deadline of a refresh that was given none: a paused capacity keeps a refresh for six hours.
    package var longestRefresh = Duration.seconds(6 * 3600)
    /// After this long without an end, a refresh in history does not count as running: 24 hours is the service's limit.
    package var longestForeignRefresh = Duration.seconds(86_400)

    package init() {}
}
