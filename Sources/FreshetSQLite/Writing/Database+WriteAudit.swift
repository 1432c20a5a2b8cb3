import CCrypto
import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Keeps what somebody asked for, in the transaction that does it.
    func audit(_ entry: AuditEntry, by actor: Actor, at now: Timestamp) throws {
        let last: String? = try first("SELECT hash FROM audit ORDER BY sequence DESC LIMIT 1")?.decode(atIndex: 0)
        let texts = [
            last ?? "", String(now.milliseconds), actor.name, entry.action, entry.target ?? "", entry.outcome.rawValue,
            entry.reason ?? "", entry.method.rawValue, entry.address ?? "",
        ]
        let sql = """
            INSERT INTO audit (at, actor, action, subject, outcome, reason, method, address, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let arguments: StatementArguments = [
            now.milliseconds, actor.name, entry.action, entry.target ?? "", entry.outcome.rawValue, entry.reason,
            entry.method.rawValue, entry.address, AuditHash.of(texts),
        ]
        try run(sql, arguments)
    }
}

/// The chain over the rows of the audit.
enum AuditHash {
    /// SHA-256 over the texts, each preceded by its length, in hexadecimal digits.
    static func of(_ texts: [String]) -> String {
        let bytes = texts.flatMap { Array("\($0.utf8.count):\($0)".utf8) }
        var out = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        // Fails only for lack of memory: SHA-256 is always there.
        _ = EVP_Digest(bytes, bytes.count, &out, &length, EVP_sha256(), nil)
        return out.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
