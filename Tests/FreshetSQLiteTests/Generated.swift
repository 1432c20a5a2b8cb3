import FreshetCore

/// Random values of Core, fixed by a seed.
struct Generated {
    let seed: UInt64
    private var chance: SplitMix

    init(seed: UInt64) {
        self.seed = seed
        chance = SplitMix(state: seed)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &chance) }
    mutating func flag() -> Bool { .random(using: &chance) }

    mutating func list<Element>(_ make: (inout Generated) -> Element) -> [Element] {
        var elements: [Element] = []
        for _ in 0..<number(0...3) { elements.append(make(&self)) }
        return elements
    }

    mutating func optional<Element>(_ make: (inout Generated) -> Element) -> Element? { flag() ? make(&self) : nil }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }

    mutating func text() -> String {
        let plain = ["a", "B", "/", " ", "'", "{", "é", "漢", "\u{1F600}", "\u{2028}"]
        let letters = plain + ["\"", "\\", "\n", "\t", "\u{0}", "\u{7f}"]
        var text = ""
        for _ in 0..<number(0...6) { text += one(of: letters) }
        return text
    }

    mutating func double() -> Double {
        let value = Double(bitPattern: chance.next())
        return value.isNaN ? one(of: [0, -0.0, 1, 0.1, .infinity, -.infinity]) : value
    }

    mutating func json(depth: Int) -> JSONValue {
        switch number(0...(depth > 0 ? 6 : 4)) {
        case 0: return .null
        case 1: return .boolean(flag())
        case 2: return .integer(Int64(bitPattern: chance.next()))
        case 3: return .number(double())
        case 4: return .text(text())
        case 5: return .list(list { $0.json(depth: depth - 1) })
        default:
            let members = list { ($0.text(), $0.json(depth: depth - 1)) }
            return .object(Dictionary(members) { $1 })
        }
    }

    mutating func key() -> AssetKey { AssetKey(text()) }
    mutating func input() -> Input { Input(key(), part: flag() ? "" : text()) }
    mutating func time() -> Timestamp { Timestamp(milliseconds: Int64(bitPattern: chance.next())) }
    mutating func version() -> DataVersion { DataVersion(text()) }

    mutating func versionState() -> VersionState {
        one(of: [.missing, .absent, .unknown, .known(version()), .undecided])
    }

    mutating func cause() -> Cause {
        switch number(0...8) {
        case 0: .forced
        case 1: .maxSkipPassed
        case 2: .neverMaterialized
        case 3: .codeChanged(from: text(), to: text())
        case 4: .inputAdded(input())
        case 5: .inputRemoved(input())
        case 6: .inputChanged(input())
        case 7: .dayChanged(from: text(), to: text())
        default: .inputUnverifiable(input())
        }
    }

    mutating func skipReason() -> SkipReason {
        one(of: [
            .upToDate, .notSelected(byBranch: key()), .nothingSelected, .upstreamFailed(key()), .upstreamMissing(key()),
            .upstreamUnknown(key()), .cancelled,
        ])
    }

    mutating func decision() -> Decision {
        switch number(0...2) {
        case 0: .run(list { $0.cause() })
        case 1: .skip(skipReason())
        default: .wait(on: list { $0.key() })
        }
    }

    mutating func evidence() -> Evidence {
        Evidence(
            input: input(),
            then: optional { $0.version() },
            now: versionState(),
            health: one(of: [.ok, .failed, .unknown]),
            signal: text(),
            strength: one(of: [.exact, .probable, .heuristic]),
            observedAt: optional { $0.time() },
            message: optional { $0.text() },
            values: ["n": .integer(1), "t": .text(text())],
            query: optional { $0.text() },
            source: optional { $0.text() },
            cost: ProbeCost(took: .milliseconds(12), requests: 1, rows: 7)
        )
    }

    mutating func failure() -> StepFailure {
        let retry: RetryClass = one(of: [.never, .later, .now])
        return StepFailure(one(of: FailureCode.allCases), retry, message: text(), details: json(depth: 2))
    }

    mutating func extent() -> Extent { flag() ? .whole : .parts(Set(list { $0.text() })) }

    mutating func values() -> [String: ObservedValue] {
        let values = list { random -> (String, ObservedValue) in
            let value: ObservedValue =
                switch random.number(0...2) {
                case 0: .integer(Int64(random.number(-9...9)))
                case 1: .number(random.double())
                default: .text(random.text())
                }
            return (random.text(), value)
        }
        return Dictionary(values) { $1 }
    }
}
