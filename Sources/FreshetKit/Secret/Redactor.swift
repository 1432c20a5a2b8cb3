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

    /// Values shorter than four bytes are not kept: taking them out would garble every text. Encodings are looked for
    /// from six bytes on.
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

    /// By the first four bytes as one number; the longest first, because one may be the beginning of another.
    private var forms: [UInt32: [[UInt8]]] = [:]
    private var firstBytes = [Bool](repeating: false, count: 256)

    mutating func add(_ secret: String) {
        for form in SecretForms.all(of: secret) where form.count >= Self.leastLength {
            let key = Self.key(form[...])
            guard forms[key]?.contains(form) != true else { continue }
            forms[key, default: []].append(form)
            forms[key]?.sort { $0.count > $1.count }
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

    private func form(in bytes: [UInt8], at position: Int) -> [UInt8]? {
        forms[Self.key(bytes[position...])]?.first { bytes[position...].starts(with: $0) }
    }

    /// Of the first four bytes; there are as many.
    private static func key(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.prefix(leastLength).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
