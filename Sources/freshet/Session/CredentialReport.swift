import FoundationEssentials
import FreshetCore
import FreshetCrypto
import FreshetKit
import FreshetServer

/// What there is to say of the secrets and certificates of a project, for `freshet doctor` and for the daemon.
enum CredentialReport {
    /// Reads each once.
    ///
    /// - Parameters:
    ///   - project: whose secrets they are.
    ///   - surroundings: with the secrets of that project.
    ///   - tls: when the certificate of its port ends; `nil` where it has none.
    /// - Returns: one for each, its subject being what it is called in a sentence.
    static func findings(of project: Project, _ surroundings: Surroundings, tls: Timestamp?) async -> [Finding] {
        let now = surroundings.clock.now
        var findings: [Finding] = []
        if let secrets = surroundings.secrets as? ProjectSecrets {
            for look in await SecretLook.all(of: project, secrets, surroundings) {
                let subject = "The secret \(look.reference.text)"
                if let problem = look.problem {
                    findings.append(Finding("secret", .fail, of: subject, "cannot be read: \(problem)"))
                } else {
                    findings.append(finding(of: subject, endingAt: look.expiresAt, at: now))
                }
            }
        }
        for definition in project.connections {
            guard let path = definition.settings.certificateFile(in: project.root),
                let data = FileManager.default.contents(atPath: path),
                let end = Certificate(pem: Array(data))?.validity.upperBound
            else { continue }
            let subject = "The certificate of the connection \(definition.name)"
            findings.append(finding(of: subject, endingAt: end, at: now))
        }
        if let tls {
            findings.append(
                finding(of: "The certificate of the pages and the API (server.tls)", endingAt: tls, at: now)
            )
        }
        return findings
    }

    private static func finding(of subject: String, endingAt end: Timestamp?, at now: Timestamp) -> Finding {
        let check = Outside.Warning.expiry
        guard let end else { return Finding(check, .ok, of: subject, "has no end that is told") }
        let verdict: Finding.Verdict =
            switch SecretLook.Status(endingAt: end, at: now) {
            case .ok: .ok
            case .expiring: .warn
            case .expired, .failed: .fail
            }
        // By the clock and not by what is left: it is read long after it was found.
        let when = "\(end > now ? "ends" : "ended") on \(end.iso8601)"
        return Finding(check, verdict, of: subject, when, mend: "put a new one in its place")
    }
}

extension Settings {
    /// The file that `certificate` names; `nil` where it refers to a secret or holds the text itself.
    fileprivate func certificateFile(in root: String) -> String? {
        guard case .text(let text)? = value["certificate"]?.content, !text.contains("${"), !text.contains("-----")
        else { return nil }
        return text.hasPrefix("/") ? text : "\(root)/\(text)"
    }
}
