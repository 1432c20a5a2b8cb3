/// A copy of the results of one run, beside the file that dbt overwrites with each command.
///
/// `dbt.run` leaves them: `run_results.<invocation>.json` are those of a run of its own, and
/// `run_results.found.<invocation>.json` those that it found there when it began, which may have overwritten others.
struct DBTKept: Hashable {
    private static let mark = "found."
    private static let ending = ".json"

    var invocation: String
    var isFound: Bool

    init(of invocation: String, isFound: Bool) {
        self.invocation = invocation
        self.isFound = isFound
    }

    /// - Returns: `nil` where the key is not that of a copy of `results`.
    init?(_ key: String, beside results: String) {
        let start = Self.start(results)
        guard key.hasPrefix(start), key.hasSuffix(Self.ending),
            key.utf8.count > start.utf8.count + Self.ending.utf8.count
        else { return nil }
        let middle = key.dropFirst(start.count).dropLast(Self.ending.count)
        isFound = middle.hasPrefix(Self.mark)
        invocation = String(isFound ? middle.dropFirst(Self.mark.count) : middle)
        guard Self.isUsable(invocation) else { return nil }
    }

    /// What the key of every copy begins with.
    static func start(_ results: String) -> String {
        (results.hasSuffix(ending) ? String(results.dropLast(ending.count)) : results) + "."
    }

    /// Whether the id can be part of a file's name: dbt writes hexadecimal digits and hyphens.
    static func isUsable(_ invocation: String) -> Bool {
        !invocation.isEmpty && invocation.utf8.count <= 100
            && invocation.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The copy's key, or path, beside `results`.
    func key(beside results: String) -> String {
        Self.start(results) + (isFound ? Self.mark : "") + invocation + Self.ending
    }
}
