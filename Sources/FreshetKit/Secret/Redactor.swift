private import Synchronization

/// Knows every secret that this process has resolved, and takes them out of texts on their way to a sink.
///
/// Each text is searched once, however many secrets there are. Beside a secret itself its usual encodings are taken out:
/// base64 and base64url at each of the three places where a secret can stand in a group, percent-encoded, as a JSON
/// string, hexadecimal.
public final class Redactor: Sendable {
    private struct State {
        /// Each secret with a number that grows with its use.
        var secrets: [String: Int] = [:]
        var uses = 0
        var index = SecretIndex()
    }
    private let state = Mutex(State())
    /// A daemon renews tokens for months: those that were not used for the longest time are let go.
    private let capacity: Int

    public convenience init() { self.init(capacity: 1000) }

    init(capacity: Int) { self.capacity = capacity }

    /// Makes a secret known.
    ///
    /// One shorter than four bytes is not kept: taking it out would garble every text. Encodings are looked for from six
    /// bytes on.
    public func learn(_ secret: String) {
        guard secret.utf8.count >= SecretIndex.leastLength else { return }
        state.withLock { state in
            state.uses += 1
            let isNew = state.secrets.updateValue(state.uses, forKey: secret) == nil
            guard isNew else { return }
            if state.secrets.count > capacity {
                let oldest = state.secrets.sorted { $0.value < $1.value }.prefix(capacity / 2)
                for (secret, _) in oldest { state.secrets[secret] = nil }
                state.index = SecretIndex()
                for secret in state.secrets.keys { state.index.add(secret) }
            } else {
                state.index.add(secret)
            }
        }
    }

    public func redact(_ text: String) -> String {
        let index = state.withLock { $0.index }
        return index.redact(text)
    }
}

/// Every form of every secret, found by its first four bytes.
private struct SecretIndex {
    static let leastLength = 4
    private static let replacement = Array("[redacted]".utf8)

    /// By the first four bytes as one number; in the order of their bytes.
    private var forms: [UInt32: [[UInt8]]] = [:]
    private var firstBytes = [Bool](repeating: false, count: 256)

    mutating func add(_ secret: String) {
        for form in SecretForms.all(of: secret) where form.count >= Self.leastLength {
            let key = Self.key(form[...])
            let index = Self.countUpTo(form[...], in: forms[key] ?? [])
            guard index == 0 || forms[key]?[index - 1] != form else { continue }
            forms[key, default: []].insert(form, at: index)
            firstBytes[Int(form[0])] = true
        }
    }

    func redact(_ text: String) -> String {
        guard !forms.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var redacted: [UInt8] = []
        var copied = 0
        var position = 0
        while position + Self.leastLength <= bytes.count {
            guard firstBytes[Int(bytes[position])], let form = form(in: bytes, at: position) else {
                position += 1
                continue
            }
            redacted += bytes[copied..<position]
            redacted += Self.replacement
            position += form.count
            copied = position
        }
        guard copied > 0 else { return text }
        redacted += bytes[copied...]
        return String(decoding: redacted, as: UTF8.self)
    }

    /// The longest form that stands at a position.
    ///
    /// It is the last one in order that does not come after the text. If that one differs from the text somewhere, a
    /// shorter one may still stand before the difference.
    private func form(in bytes: [UInt8], at position: Int) -> [UInt8]? {
        guard let forms = forms[Self.key(bytes[position...])] else { return nil }
        var rest = bytes[position...]
        while rest.count >= Self.leastLength {
            let index = Self.countUpTo(rest, in: forms)
            guard index > 0 else { return nil }
            let form = forms[index - 1]
            let common = zip(form, rest).prefix { $0 == $1 }.count
            if common == form.count { return form }
            rest = rest.prefix(common)
        }
        return nil
    }

    /// How many of the forms do not come after a text, in the order of their bytes.
    private static func countUpTo(_ text: ArraySlice<UInt8>, in forms: [[UInt8]]) -> Int {
        var range = 0..<forms.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let isAfter = text.lexicographicallyPrecedes(forms[middle])
            range = isAfter ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }

    /// Of the first four bytes; there are as many.
    private static func key(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.prefix(leastLength).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
