/// What an arm of a branch asks.
public indirect enum Condition: Hashable, Sendable {
    /// Some target of the arm has not consumed the present version of this input.
    case changed(AssetKey)
    /// This input failed, or is held because something before it did.
    case failed(AssetKey)
    /// A value that was observed on this input compares so with a literal.
    case value(AssetKey, name: String, Comparison, ObservedValue)
    case any([Condition])
    case all([Condition])
    case not(Condition)

    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    /// Holds always: the condition of `else`.
    public static let otherwise = Condition.all([])

    /// Every asset it asks about.
    public var keys: [AssetKey] {
        switch self {
        case .changed(let key), .failed(let key), .value(let key, _, _, _): [key]
        case .any(let conditions), .all(let conditions): conditions.flatMap(\.keys)
        case .not(let condition): condition.keys
        }
    }

    /// Every asset whose failure it asks about.
    var failures: [AssetKey] {
        switch self {
        case .changed, .value: []
        case .failed(let key): [key]
        case .any(let conditions), .all(let conditions): conditions.flatMap(\.failures)
        case .not(let condition): condition.failures
        }
    }

    /// Every asset whose observed values it compares.
    var compared: [AssetKey] {
        switch self {
        case .changed, .failed: []
        case .value(let key, _, _, _): [key]
        case .any(let conditions), .all(let conditions): conditions.flatMap(\.compared)
        case .not(let condition): condition.compared
        }
    }
}

/// What a condition can find out.
struct Circumstances {
    var changed: (AssetKey) -> Bool?
    var failed: (AssetKey) -> Bool?
    /// `nil` when the value was not observed.
    var value: (AssetKey, String) -> ObservedValue?
}

extension Condition {
    /// Whether it holds, or `nil` while that depends on steps that have not settled (Kleene's three-valued logic).
    ///
    /// A comparison with a value that was not observed could go either way. Where the answer turns on it, the
    /// condition holds: like an unknown version, it must not lead to a skip.
    func holds(in circumstances: Circumstances) -> Bool? {
        if let answer = evaluate(in: circumstances) { return answer }
        let isOpen = keys.contains { circumstances.changed($0) == nil || circumstances.failed($0) == nil }
        return isOpen ? nil : true
    }

    private func evaluate(in circumstances: Circumstances) -> Bool? {
        switch self {
        case .changed(let key): return circumstances.changed(key)
        case .failed(let key): return circumstances.failed(key)
        case .value(let key, let name, let comparison, let literal):
            return circumstances.value(key, name).flatMap { comparison.holds($0, literal) }
        case .not(let condition): return condition.evaluate(in: circumstances).map(!)
        case .any(let conditions):
            let answers = conditions.map { $0.evaluate(in: circumstances) }
            return answers.contains(true) ? true : answers.contains(nil) ? nil : false
        case .all(let conditions):
            let answers = conditions.map { $0.evaluate(in: circumstances) }
            return answers.contains(false) ? false : answers.contains(nil) ? nil : true
        }
    }
}

extension Condition.Comparison {
    /// Compares numbers as numbers and text as text; `nil` when one is a number and the other is not.
    func holds(_ left: ObservedValue, _ right: ObservedValue) -> Bool? {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): compare(left, right)
        case (.text(let left), .text(let right)): compare(left, right)
        default:
            if let left = left.number, let right = right.number { compare(left, right) } else { nil }
        }
    }

    private func compare<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }
}

extension ObservedValue {
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .text: nil
        }
    }
}
