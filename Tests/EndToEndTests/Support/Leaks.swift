import Foundation

/// Where a secret can be read that nobody should be able to read.
enum Leaks {
    /// The files of a folder, those of the store among them, and the outcomes that hold one of the secrets.
    static func of(_ secrets: [String], in folder: String, and outcomes: [Outcome]) throws -> [String] {
        var leaks: [String] = []
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        for file in files {
            // A folder or a socket has no contents; a file that a checkpoint took away meanwhile has none left.
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)") else { continue }
            for secret in secrets where data.range(of: Data(secret.utf8)) != nil {
                leaks.append("\(file) holds \(secret)")
            }
        }
        for outcome in outcomes {
            for secret in secrets where (outcome.output + outcome.errors).contains(secret) {
                leaks.append("said \(secret): \(outcome.output)\(outcome.errors)")
            }
        }
        return leaks
    }
}
