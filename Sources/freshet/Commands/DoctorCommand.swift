import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetSQLite
import FreshetServer
import FreshetView

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the store, each connection, and what works through it; say what to do.",
        usage: "freshet doctor [--connection <name>] [options]",
        discussion: """
            Changes nothing. Ends with 1 if a check failed; a check that could not be made says why.
            """
    )

    @Option(name: .long, help: ArgumentHelp("Only this connection.", valueName: "name"))
    var connection: String?

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let project = try options.loadProject()
        if let connection, !project.connections.contains(where: { $0.name == connection }) {
            let known = project.connections.map(\.name).sorted().joined(separator: ", ")
            throw Failure.usage(
                "there is no connection '\(connection)'",
                mend: known.isEmpty ? "the project has none" : "there is \(known)"
            )
        }
        let surroundings = try Wiring.surroundings(root: project.root, secrets: project.secretBackends)
        let connections = try Wiring.connections(project.connections, surroundings)
        var reports = await ConnectionReport.all(of: project, connections, only: connection) {
            [output = options.output] target in
            do {
                return try await PowerBIHistory.operations(on: target, project)
            } catch {
                // Only the telling of own refreshes from others suffers.
                output.note("the store cannot be read: \((error as? Failure)?.text.problem ?? "\(error)")")
                return []
            }
        }
        if connection == nil {
            let own = ConnectionReport(name: "store", kind: "sqlite", findings: [await store(of: project)])
            let tls = ServerSettings(project).identity?.expiresAt
            let credentials = ConnectionReport(
                name: "credentials",
                kind: "secrets and certificates",
                findings: await CredentialReport.findings(of: project, surroundings, tls: tls)
            )
            reports = [own] + (credentials.findings.isEmpty ? [] : [credentials]) + reports
        }
        write(reports, surroundings.redactor)
        let hasFailed = reports.contains { $0.findings.contains { $0.verdict == .fail } }
        if hasFailed { throw ExitStatus.runFailed }
    }

    /// What must hold of the store whatever has happened.
    private func store(of project: Project) async -> Finding {
        do {
            let violations = try await Wiring.violations(inStore: project.store)
            guard let first = violations.first else { return Finding("invariants", .ok, "the store is in order") }
            return Finding(
                "invariants",
                .fail,
                "\(violations.count) of the rules that must always hold are broken, such as \(first.invariant)",
                mend: "'freshet store check' lists them; keep a copy of the store and report it"
            )
        } catch {
            return Finding(
                "invariants",
                .skipped,
                "the store cannot be read: \((error as? Failure)?.text.problem ?? "\(error)")"
            )
        }
    }

    private func write(_ reports: [ConnectionReport], _ redactor: Redactor) {
        let output = options.output
        if options.json {
            let documents: [JSONValue] = reports.map { report in
                [
                    "connection": .text(report.name), "kind": .text(report.kind),
                    "findings": .list(report.findings.map { Self.document($0, redactor) }),
                ]
            }
            return output.document("freshet.doctor/1", ["connections": .list(documents)])
        }
        guard !reports.isEmpty else { return output.line("the project has no connection to check") }
        for (index, report) in reports.enumerated() {
            if index > 0 { output.line() }
            output.line("\(report.name) (\(report.kind))")
            guard !report.findings.isEmpty else {
                output.line("  nothing is checked of this kind of connection")
                continue
            }
            for (subject, findings) in Self.bySubject(report.findings) { write(subject, findings, redactor) }
        }
    }

    private func write(_ subject: String, _ findings: [Finding], _ redactor: Redactor) {
        let output = options.output
        if !subject.isEmpty { output.line("  \(subject)") }
        var table = Table(indent: subject.isEmpty ? 2 : 4)
        for finding in findings {
            table.add([
                Table.Cell(Self.word(finding.verdict), Self.paint(finding.verdict, output.style)),
                Table.Cell(finding.check), Table.Cell(redactor.redact(finding.message)),
            ])
            guard let mend = finding.mend, finding.verdict != .ok else { continue }
            table.add([Table.Cell(""), Table.Cell(""), Table.Cell("→ " + redactor.redact(mend))])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }

    /// In the order in which each subject is first named.
    private static func bySubject(_ findings: [Finding]) -> [(String, [Finding])] {
        var groups: [(String, [Finding])] = []
        for finding in findings {
            if let index = groups.firstIndex(where: { $0.0 == finding.subject }) {
                groups[index].1.append(finding)
            } else {
                groups.append((finding.subject, [finding]))
            }
        }
        return groups
    }

    private static func word(_ verdict: Finding.Verdict) -> String {
        switch verdict {
        case .ok: "ok"
        case .warn: "warn"
        case .fail: "FAIL"
        case .skipped: "–"
        }
    }

    private static func paint(_ verdict: Finding.Verdict, _ style: Style) -> @Sendable (String) -> String {
        switch verdict {
        case .ok: style.green
        case .warn: style.yellow
        case .fail: style.red
        case .skipped: style.dim
        }
    }

    private static func document(_ finding: Finding, _ redactor: Redactor) -> JSONValue {
        [
            "check": .text(finding.check), "subject": Documents.text(finding.subject.isEmpty ? nil : finding.subject),
            "verdict": .text(finding.verdict.rawValue), "message": .text(redactor.redact(finding.message)),
            "mend": Documents.text(finding.mend.map(redactor.redact)),
        ]
    }
}
