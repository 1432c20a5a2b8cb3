import FreshetCore

/// One run, driven by chance: the order of reports, failures and retries, changes on the way, and perhaps a cancel.
struct Drive {
    /// The world that the run is frozen to, with what it has recorded so far.
    private(set) var frozen: Scenario
    private var machine: RunMachine
    private var now = Scenario.noon
    private var running: [AssetKey: Int] = [:]
    /// Between two attempts.
    private var resting: Set<AssetKey> = []
    private(set) var launched: [AssetKey: [Cause]] = [:]
    private(set) var skipped: [AssetKey: SkipReason] = [:]
    private(set) var failed: Set<AssetKey> = []
    private(set) var isCancelled = false
    private(set) var status: RunStatus?
    /// What must never happen, in words.
    private(set) var mistakes: [String] = []

    init(_ scenario: Scenario, seed: UInt64) {
        frozen = scenario
        machine = RunMachine(scenario.input, seed: seed)
    }

    /// Runs to the end; `change` is called now and then, and moves what is outside while the run goes on.
    mutating func run(using generator: inout SeededGenerator, _ change: (inout SeededGenerator) -> Void) {
        take(machine.start(at: now))
        for _ in 0..<1000 where status == nil {
            if generator.chance(20) { change(&generator) }
            if generator.chance(2) { cancel() }
            let candidates = running.keys.sorted()
            let isReport = machine.nextDeadline == nil || generator.chance(70)
            if isReport, let key = candidates.randomElement(using: &generator) {
                report(key, using: &generator)
            } else if let moment = machine.nextDeadline {
                now = max(now, moment)
                take(machine.due(at: now))
            }
            repeatReport(using: &generator)
        }
        if status == nil { mistakes.append("the run did not end") }
        if !running.isEmpty { mistakes.append("\(running.keys.sorted()) still run at the end") }
    }

    private mutating func cancel() {
        isCancelled = true
        take(machine.cancel(at: now))
    }

    private mutating func report(_ key: AssetKey, using generator: inout SeededGenerator) {
        running[key] = nil
        if generator.chance(isCancelled ? 50 : 80) {
            take(machine.succeeded(key, version: frozen.made(key)))
        } else {
            let retry = [RetryClass.never, .later, .now].randomElement(using: &generator)!
            take(machine.failed(key, StepFailure(.remoteFailed, retry, message: "as told"), at: now))
        }
    }

    /// A report of what does not run changes nothing.
    private mutating func repeatReport(using generator: inout SeededGenerator) {
        guard let key = frozen.graph.ordered.randomElement(using: &generator)?.key, running[key] == nil else { return }
        let isResting = resting.contains(key)
        let late = isResting ? [] : machine.succeeded(key, version: "late")
        let actions = machine.failed(key, Scenario.failure, at: now) + late
        if !actions.isEmpty { mistakes.append("a late report of \(key) led to \(actions)") }
    }

    private mutating func take(_ actions: [RunMachine.Action]) {
        for action in actions {
            if status != nil { mistakes.append("\(action) after the end") }
            switch action {
            case .launch(let key, let attempt, let causes): launch(key, attempt, causes)
            case .record(let success): frozen.recorded[success.asset] = success
            case .recordSkip(let key, let reason):
                if launched[key] != nil || skipped[key] != nil { mistakes.append("\(key) is skipped after all") }
                skipped[key] = reason
            case .recordFailure(let key, _):
                failed.insert(key)
                resting.remove(key)
                running[key] = nil
            case .finish(let end): status = end
            case .retry(let key, let attempt, _):
                resting.insert(key)
                let count = frozen.graph[key]?.policy.retry.count ?? 0
                if attempt > count + 1 { mistakes.append("\(key) is tried too often") }
            case .stop: break
            }
        }
    }

    private mutating func launch(_ key: AssetKey, _ attempt: Int, _ causes: [Cause]) {
        if isCancelled { mistakes.append("\(key) is launched after the cancel") }
        if running[key] != nil || failed.contains(key) { mistakes.append("\(key) is launched twice") }
        if attempt == 1, launched[key] != nil { mistakes.append("\(key) begins anew") }
        if let before = launched[key], before != causes { mistakes.append("\(key) runs for other reasons now") }
        running[key] = attempt
        resting.remove(key)
        launched[key] = causes
    }
}

extension Scenario {
    /// The version that an asset gets from what is there now.
    func made(_ key: AssetKey) -> DataVersion {
        var inputs: [Input: DataVersion] = [:]
        for input in graph.inputs(of: key) {
            if case .known(let version)? = sources[input.key]?.version {
                inputs[input] = version
            } else if let made = recorded[input.key]?.version {
                inputs[input] = made
            }
        }
        return graph[key].map { compute($0, inputs) } ?? "none"
    }
}
