private import Synchronization

/// Knows every secret that this process has resolved, and takes them out of texts on their way to a sink.
///
/// Each text is searched once, however many secrets there are. Beside a secret itself its usual encodings are taken out:
/// base64 and base64url at each of the three places where a secret can stand in a group, percent-encoded in the usual
/// ways, as a JSON string, escaped for HTML, hexadecimal; of a secret of several lines each line as well. Private keys in
/// the form of PEM (RFC 7468) are taken out though nobody has resolved them.
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
        return index.redact(PrivateKeyBlocks.redacted(text) ?? text)
    }

    /// Redacts the beginning of a text of which more may come.
    ///
    /// - Parameters:
    ///   - bytes: what is there of it.
    ///   - isLast: whether nothing more comes.
    /// - Returns: what is ready, and how many of the bytes that took; in the others a secret may have begun.
    package func redact(_ bytes: [UInt8], isLast: Bool) -> (ready: [UInt8], taken: Int) {
        let index = state.withLock { $0.index }
        return index.redact(bytes, isLast: isLast)
    }
}

/// Every form of every secret, found by its first four bytes.
private struct SecretIndex {
    static let leastLength = 4
    private static let replacement = Array("[redacted]".utf8)

    /// By the first four bytes as one number; in the order of their bytes.
    private var forms: [UInt32: [[UInt8]]] = [:]
    private var firstBytes = [Bool](repeating: false, count: 256)
    private var longest = 0

    mutating func add(_ secret: String) {
        for form in SecretForms.all(of: secret) where form.count >= Self.leastLength {
            let key = Self.key(form[...])
            let index = Self.countUpTo(form[...], in: forms[key] ?? [])
            guard index == 0 || forms[key]?[index - 1] != form else { continue }
            forms[key, default: []].insert(form, at: index)
            firstBytes[Int(form[0])] = true
            longest = max(longest, form.count)
        }
    }

    func redact(_ text: String) -> String {
        guard !forms.isEmpty else { return text }
        let bytes = Array(text.utf8)
        let (ready, taken) = redact(bytes, isLast: true, withoutRest: true)
        guard taken > 0 else { return text }
        return String(decoding: ready + bytes[taken...], as: UTF8.self)
    }

    /// - Returns: what is ready, and how many bytes that took; of the last bytes at most as many as a form has are left
    ///   when more may come.
    func redact(_ bytes: [UInt8], isLast: Bool) -> (ready: [UInt8], taken: Int) {
        redact(bytes, isLast: isLast, withoutRest: false)
    }

    /// `withoutRest` says whether what stands behind the last secret is left for the caller to copy.
    private func redact(
        _ bytes: [UInt8],
        isLast: Bool,
        withoutRest: Bool
    ) -> (ready: [UInt8], taken: Int) {
        var redacted: [UInt8] = []
        var copied = 0
        var position = 0
        // No form that begins before this place ends behind what is there.
        let end = isLast ? bytes.count - Self.leastLength + 1 : bytes.count - longest + 1
        while position < end, position + Self.leastLength <= bytes.count {
            guard firstBytes[Int(bytes[position])], let form = form(in: bytes, at: position) else {
                position += 1
                continue
            }
            redacted += bytes[copied..<position]
            redacted += Self.replacement
            position += form.count
            copied = position
        }
        guard !withoutRest else { return (redacted, copied) }
        let taken = isLast ? bytes.count : max(copied, min(end, bytes.count))
        guard taken > copied else { return (redacted, copied) }
        return (redacted + bytes[copied..<taken], taken)
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
