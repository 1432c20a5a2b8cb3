/// What to do at each passage of a place, as in `25%error(disk)->3*off->kill`.
///
/// Terms stand in order; at each passage the first that is not used up (`3*`) and wins its chance (`25%`) is taken.
/// A term of `off` takes a passage and does nothing. After the grammar of the Rust crate `fail`.
///
/// - SeeAlso: https://docs.rs/fail
struct FailpointScript: Equatable {
    enum Action: Equatable {
        case off
        /// Ends the process as `kill -9` does.
        case kill
        /// Makes the place fail, where it can.
        case error(String)
        case delay(milliseconds: UInt32)
    }

    struct Term: Equatable {
        var action: Action
        /// 0...100.
        var percent = 100.0
        /// Passages left; `nil` for any number.
        var left: Int?
    }

    var terms: [Term]

    /// Takes one passage.
    ///
    /// - Parameter chance: makes uniform values in 0..<100.
    /// - Returns: what to do now.
    mutating func next(chance: () -> Double) -> Action {
        for index in terms.indices {
            if terms[index].left == 0 { continue }
            if terms[index].percent < 100, chance() >= terms[index].percent { continue }
            terms[index].left = terms[index].left.map { $0 - 1 }
            return terms[index].action
        }
        return .off
    }
}

/// A script that cannot be read.
struct FailpointMistake: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension FailpointScript {
    /// Reads `name=script;name=script`.
    ///
    /// - Parameters:
    ///   - text: what the environment says; empty for nothing.
    ///   - names: the names there are.
    /// - Returns: each script under its name.
    /// - Throws: ``FailpointMistake`` for an unknown name, one that is named twice, or a script that cannot be read.
    static func scripts(
        in text: String,
        names: some Collection<String>
    ) throws(FailpointMistake) -> [String: FailpointScript] {
        var scripts: [String: FailpointScript] = [:]
        for entry in text.split(separator: ";") {
            guard let equals = entry.firstIndex(of: "=") else {
                throw FailpointMistake("'\(entry)' is not name=action, such as tick.loaded=3*off->kill")
            }
            let name = String(entry[..<equals].filter { $0 != " " })
            guard names.contains(name) else {
                throw FailpointMistake("there is no failpoint '\(name)'; 'freshet failpoints' lists them")
            }
            guard scripts[name] == nil else { throw FailpointMistake("'\(name)' is named twice") }
            scripts[name] = try FailpointScript(parsing: entry[entry.index(after: equals)...])
        }
        return scripts
    }

    /// - Throws: ``FailpointMistake``.
    init(parsing text: some StringProtocol) throws(FailpointMistake) {
        terms = []
        var rest = Substring(text)
        while let arrow = rest.firstRange(of: "->") {
            terms.append(try Term(parsing: rest[..<arrow.lowerBound]))
            rest = rest[arrow.upperBound...]
        }
        terms.append(try Term(parsing: rest))
    }
}

extension FailpointScript.Term {
    fileprivate init(parsing text: Substring) throws(FailpointMistake) {
        var rest = text.drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        var percent = 100.0
        var left: Int?
        if let sign = rest.firstIndex(of: "%"), let number = Double(rest[..<sign]) {
            guard (0...100).contains(number) else { throw FailpointMistake("a chance has to be 0% to 100%: '\(text)'") }
            percent = number
            rest = rest[rest.index(after: sign)...]
        }
        if let star = rest.firstIndex(of: "*"), let number = Int(rest[..<star]) {
            guard number >= 0 else { throw FailpointMistake("a count cannot be below zero: '\(text)'") }
            left = number
            rest = rest[rest.index(after: star)...]
        }
        self.init(action: try Self.action(rest), percent: percent, left: left)
    }

    private static func action(_ text: Substring) throws(FailpointMistake) -> FailpointScript.Action {
        var word = text
        var argument: Substring?
        if let open = text.firstIndex(of: "("), text.last == ")" {
            word = text[..<open]
            argument = text[text.index(after: open)...].dropLast()
        }
        switch (word, argument) {
        case ("off", nil): return .off
        case ("kill", nil): return .kill
        case ("error", _): return .error(argument.map(String.init) ?? "failpoint")
        case ("delay", let argument?):
            guard let milliseconds = UInt32(argument) else {
                throw FailpointMistake("'\(text)': delay takes milliseconds, such as delay(50)")
            }
            return .delay(milliseconds: milliseconds)
        default: throw FailpointMistake("'\(text)' is not off, kill, error(text) or delay(ms)")
        }
    }
}
