import Oracle
import Testing

/// A small share of what `make oracle` does, with every planted bug.
struct OracleTests {
    @Test func `no history of a few thousand has a false skip, or a refresh that nothing explains`() throws {
        let seed = UInt64.random(in: 0..<1_000_000_000)
        let exact = try Shape.all(isExact: true)
        let mixed = try Shape.all(isExact: false)
        for number in 0..<2_000 {
            let (verdict, trace) = History.tell(seed: seed + UInt64(number), number % 4 == 3 ? mixed : exact)
            guard let failure = verdict.failure else { continue }
            Issue.record("seed \(seed + UInt64(number)): \(failure)\n\(trace.joined(separator: "\n"))")
            return
        }
    }

    @Test(arguments: Oracle.Bug.allCases) func `the oracle finds each planted bug`(_ bug: Oracle.Bug) throws {
        let seed = UInt64.random(in: 0..<1_000_000_000)
        let found = Trial.hunt(bug, try Shape.all(isExact: true), seed: seed)
        #expect(found != nil, "\(bug) stays hidden from seed \(seed)")
    }

    @Test func `a seed gives the same history again`() throws {
        let shapes = try Shape.all(isExact: false)
        #expect(History.tell(seed: 7, shapes).trace == History.tell(seed: 7, shapes).trace)
    }
}
