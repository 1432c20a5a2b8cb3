internal import FreshetCore
internal import FreshetKit

extension AssetBuilder {
    /// What a person knows the asset by.
    func labels(_ settings: Settings, kind: String) -> Labels {
        // The shapes of all of these were checked: a getter that throws met a mistake that has been told.
        Labels(
            kind: kind,
            group: (try? settings.text("group")) ?? nil,
            owners: (try? settings.texts("owners")) ?? [],
            tags: tags(settings),
            description: (try? settings.text("description")) ?? nil
        )
    }

    private func tags(_ settings: Settings) -> [String: String] {
        if case .list(let items)? = settings.value["tags"]?.content {
            return Dictionary(items.compactMap { $0.scalarText.map { ($0, "") } }) { first, _ in first }
        }
        let entries = settings.value["tags"]?.entries ?? []
        return Dictionary(entries.map { ($0.key, $0.value.scalarText ?? "") }) { first, _ in first }
    }

    /// When and how the work is done; what is stated nowhere is as the source says.
    mutating func policy(_ settings: Settings, _ yielded: AssetPolicy?, of key: AssetKey) -> AssetPolicy {
        var policy = yielded ?? AssetPolicy()
        attempt { this throws(Diagnostic) in
            if settings.has("automation") { policy.automation = try this.automation(settings, of: key) }
        }
        attempt { this throws(Diagnostic) in
            if settings.has("retry") { policy.retry = try this.retry(settings.object("retry")) }
        }
        attempt { this throws(Diagnostic) in
            if settings.has("freshness") { policy.freshness = try this.freshness(settings.object("freshness")) }
        }
        attempt { this throws(Diagnostic) in
            if let timeout = try settings.duration("timeout") {
                this.checkPositive(timeout, "timeout", settings)
                policy.timeout = timeout
            }
            if let pool = try settings.text("pool") { policy.pool = pool }
            policy.isCritical = try settings.boolean("critical") ?? policy.isCritical
        }
        return policy
    }

    private mutating func attempt(_ step: (inout AssetBuilder) throws(Diagnostic) -> Void) {
        do throws(Diagnostic) { try step(&self) } catch { diagnostics.add(error) }
    }

    mutating func checkPositive(_ duration: Duration?, _ name: String, _ settings: Settings) {
        guard let duration, duration <= .zero else { return }
        diagnostics.error("'\(name)' has to be longer than nothing", at: settings.origin(of: name))
    }

    private mutating func automation(_ settings: Settings, of key: AssetKey) throws(Diagnostic) -> AutomationPolicy? {
        if case .boolean(let isOn)? = settings.value["automation"]?.content {
            guard isOn else { return nil }
            throw Diagnostic(
                "'automation' has to be false or a mapping",
                at: settings.origin(of: "automation"),
                hint: "write {on: change}"
            )
        }
        let fields = settings.object("automation")
        var policy = AutomationPolicy()
        policy.quietPeriod = try fields.duration("quiet_period") ?? policy.quietPeriod
        policy.minInterval = try fields.duration("min_interval") ?? policy.minInterval
        policy.maxSkip = try fields.duration("max_skip")
        checkPositive(policy.maxSkip, "max_skip", fields)
        policy.onUnknown = try fields.text("on_unknown").flatMap(AutomationPolicy.OnUnknown.init) ?? policy.onUnknown
        policy.stagger = try fields.duration("stagger") ?? policy.stagger
        policy.blackout = try blackout(fields)
        policy.refreshesOnDayChange = try fields.boolean("refresh_on_day_change") ?? policy.refreshesOnDayChange
        try schedules(fields, &policy, of: key)
        // What is off is checked all the same: somebody will turn it on.
        return try fields.text("on") == "never" ? nil : policy
    }

    private mutating func retry(_ fields: Settings) throws(Diagnostic) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.count = try fields.integer("count") ?? policy.count
        policy.delay = try fields.duration("delay") ?? policy.delay
        if let factor = try fields.number("factor") { policy.factor = factor }
        if let backoff = try fields.text("backoff") {
            guard !fields.has("factor") else {
                throw Diagnostic(
                    "'backoff' and 'factor' say the same in two ways",
                    at: fields.origin(of: "factor"),
                    hint: "keep one: exponential is a factor of 2, constant of 1"
                )
            }
            policy.factor = backoff == "exponential" ? 2 : 1
        }
        policy.maxDelay = try fields.duration("max_delay") ?? max(policy.maxDelay, policy.delay)
        if policy.maxDelay < policy.delay {
            throw Diagnostic("'max_delay' is shorter than 'delay'", at: fields.origin(of: "max_delay"))
        }
        policy.jitter = try fields.number("jitter") ?? policy.jitter
        return policy
    }

    private mutating func freshness(_ fields: Settings) throws(Diagnostic) -> FreshnessPolicy {
        var policy = FreshnessPolicy(maxDataAge: try fields.duration("max_data_age"))
        checkPositive(policy.maxDataAge, "max_data_age", fields)
        if fields.has("by") {
            policy.by = FreshnessPolicy.Deadline(
                minuteOfDay: try minuteOfDay("by", fields) ?? 0,
                weekdays: weekdays(fields),
                timeZone: try timeZone(fields)
            )
            return policy
        }
        for name in ["on", "timezone"] where fields.has(name) {
            throw Diagnostic(
                "'\(name)' means nothing without 'by'",
                at: fields.origin(of: name),
                hint: "add 'by: \"07:30\"'"
            )
        }
        guard policy.maxDataAge != nil else {
            throw Diagnostic(
                "'freshness' asks for nothing",
                at: fields.origin,
                hint: "state 'max_data_age', 'by' or both"
            )
        }
        return policy
    }

    // MARK: Branches

    /// The arms of a branch, whose shapes were checked.
    func branch(_ settings: Settings) throws(Diagnostic) -> Branch {
        let modes = [Branch.Mode.first, .all].filter { settings.has($0.rawValue) }
        guard let mode = modes.first, modes.count == 1 else {
            throw Diagnostic(
                modes.isEmpty ? "a branch has to state its arms" : "a branch states 'choose' or 'choose_all', not both",
                at: modes.isEmpty ? settings.origin : settings.origin(of: Branch.Mode.all.rawValue),
                hint: "write 'choose:' and below it '- {if: \"changed(...)\", then: [...]}'"
            )
        }
        let stated = settings.objects(mode.rawValue)
        guard !stated.isEmpty else {
            throw Diagnostic("a branch needs at least one arm", at: settings.origin(of: mode.rawValue))
        }
        var arms: [Arm] = []
        for (position, arm) in stated.enumerated() {
            arms.append(try self.arm(arm, isLast: position == stated.count - 1))
        }
        return Branch(mode, arms)
    }

    private func arm(_ arm: Settings, isLast: Bool) throws(Diagnostic) -> Arm {
        if arm.has("else") {
            guard !arm.has("if"), !arm.has("then") else {
                throw Diagnostic(
                    "'else' is an arm of its own",
                    at: arm.origin(of: "else"),
                    hint: "write it as the last item: '- {else: [...]}'"
                )
            }
            guard isLast else {
                throw Diagnostic("'else' has to be the last arm", at: arm.origin, hint: "move it to the end")
            }
            return Arm(if: .otherwise, then: try arm.texts("else").map { AssetKey($0) })
        }
        guard let text = try arm.text("if") else {
            throw Diagnostic("an arm needs 'if' and 'then', or 'else'", at: arm.origin)
        }
        guard arm.has("then") else {
            throw Diagnostic(
                "this arm leads nowhere",
                at: arm.origin,
                hint: "add 'then: [...]', or 'then: []' for nothing"
            )
        }
        do throws(ConditionError) {
            return Arm(if: try Condition(parsing: text), then: targets(arm))
        } catch {
            throw Diagnostic("the condition is not right: \(error)", at: arm.origin(of: "if"))
        }
    }

    private func targets(_ arm: Settings) -> [AssetKey] {
        ((try? arm.texts("then")) ?? []).map { AssetKey($0) }  // Its shape was checked.
    }
}
