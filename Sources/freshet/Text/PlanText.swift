import FreshetCore
import FreshetKit

/// A plan as a person reads it: what runs and with what evidence, then what does not.
struct PlanText {
    let output: Output
    let now: Timestamp
    /// Otherwise only what runs or is held shows its evidence.
    let showsAllEvidence: Bool

    func write(_ steps: [Plan.Step], _ project: Project) {
        let environment = project.environment.map { " (\($0))" } ?? ""
        output.line("Plan for \(project.name)\(environment): \(Self.summary(steps))")
        if project.mode == .observe { output.line("Mode is observe: the daemon would decide this and post nothing.") }
        for step in steps { write(step, project) }
        if steps.isEmpty { output.line("Nothing here is an asset that Freshet works on.") }
    }

    private func write(_ step: Plan.Step, _ project: Project) {
        let style = output.style
        let (word, paint) = Self.word(step.decision, style)
        output.line()
        var head = Table()
        head.add([Table.Cell(word, paint), Table.Cell(step.asset.path, style.bold)])
        for line in head.lines(width: output.width, style: style) { output.line(line) }
        for line in Table.wrap(text(step, project), to: (output.width ?? 200) - 6) { output.line("      " + line) }
        if showsAllEvidence || isTelling(step.decision) {
            let evidence = EvidenceText(now: now, style: style).lines(telling(step), indent: 6, width: output.width)
            for line in evidence { output.line(line) }
        }
    }

    private func text(_ step: Plan.Step, _ project: Project) -> String {
        let reason = step.decision.reason(step.evidence)
        guard case .run(let causes) = step.decision else { return reason }
        var extent = Extent(causes)
        let work = project.assets.first { $0.spec.key == step.asset }?.work
        if case .materialized(let kind) = work { extent = kind.refreshed(for: extent) }
        switch extent {
        case .whole: return "\(reason); refreshes everything"
        case .parts(let parts): return "\(reason); refreshes only \(parts.sorted().joined(separator: ", "))"
        }
    }

    private func isTelling(_ decision: Decision) -> Bool {
        switch decision {
        case .run, .wait: true
        case .skip(let reason): reason.isHeld
        }
    }

    private func telling(_ step: Plan.Step) -> [Evidence] {
        if showsAllEvidence { return step.evidence }
        let moved = step.evidence.filter { $0.comparison != "same" || $0.health == .failed }
        return moved
    }

    static func word(_ decision: Decision, _ style: Style) -> (String, @Sendable (String) -> String) {
        switch decision {
        case .run: ("RUN ", style.green)
        case .wait: ("WAIT", style.blue)
        case .skip(let reason): reason.isHeld ? ("HOLD", style.red) : ("SKIP", style.dim)
        }
    }

    static func summary(_ steps: [Plan.Step]) -> String {
        var counts = (run: 0, wait: 0, hold: 0, skip: 0)
        for step in steps {
            switch step.decision {
            case .run: counts.run += 1
            case .wait: counts.wait += 1
            case .skip(let reason): if reason.isHeld { counts.hold += 1 } else { counts.skip += 1 }
            }
        }
        var parts = ["\(counts.run) to run", "\(counts.skip) to skip"]
        if counts.wait > 0 { parts.append("\(counts.wait) to decide later") }
        if counts.hold > 0 { parts.append("\(counts.hold) held") }
        return parts.joined(separator: ", ")
    }
}
