import FreshetCore

/// Many histories, and what came of them.
package struct Trial {
    package var histories = 0
    package var verdict = Verdict()
    /// The seed of the first history that failed, with what happened in it.
    package var failure: (seed: UInt64, trace: [String])?
    /// How many histories it took to catch each planted bug; `nil` for one that was not.
    package var caught: [Bug: Int?] = [:]

    package var isGood: Bool { failure == nil && caught.values.allSatisfy { $0 != nil } }

    /// - Parameters:
    ///   - histories: how many; one in four has weak signals beside exact ones.
    ///   - seed: of the first; each further one has the next.
    package static func run(histories: Int, seed: UInt64) throws -> Trial {
        var trial = Trial()
        let exact = try Shape.all(isExact: true)
        let mixed = try Shape.all(isExact: false)
        for number in 0..<histories {
            let seed = seed &+ UInt64(number)
            let (verdict, trace) = History.tell(seed: seed, number % 4 == 3 ? mixed : exact)
            trial.histories += 1
            trial.verdict.add(verdict)
            if verdict.failure != nil {
                trial.failure = (seed, trace)
                break
            }
        }
        for bug in Bug.allCases { trial.caught[bug] = .some(hunt(bug, exact, seed: seed)) }
        return trial
    }

    /// The most histories that a planted bug may stay hidden in.
    package static let patience = 20_000

    /// - Returns: how many histories it took until the oracle found the bug.
    package static func hunt(_ bug: Bug, _ shapes: [Shape], seed: UInt64) -> Int? {
        for number in 1...patience
        where History.tell(seed: seed &+ UInt64(number), shapes, bug: bug).verdict.failure != nil {
            return number
        }
        return nil
    }

    package var text: String {
        var lines = [
            "\(histories) histories, \(verdict.decisions) decisions: \(verdict.skips) skips, \(verdict.runs) refreshes",
            "false skips: 0; refreshes that changed nothing: \(verdict.falseRuns), each explained",
        ]
        if let failure {
            lines[1] = "FAILED at seed \(failure.seed): \(verdict.failure ?? "")"
            lines += failure.trace.map { "  \($0)" }
        }
        lines += verdict.excuses.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        for bug in Bug.allCases {
            let found = caught[bug] ?? nil
            lines.append("planted \(bug.rawValue): \(found.map { "caught after \($0)" } ?? "NOT CAUGHT")")
        }
        return lines.joined(separator: "\n")
    }
}
