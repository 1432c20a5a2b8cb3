package import FreshetCore
package import FreshetKit

/// Refreshes a semantic model, whole or only the tables whose inputs changed.
package struct SemanticModelRefresh: AssetKind {
    package static let name = "powerbi.semantic_model"
    package static let system = "Power BI"
    package static let summary = "A Power BI semantic model, refreshed through the REST interface."

    package static let fields: [Field] = [
        Field("connection", .connection([PowerBIConnection.name]), required: true, "The connection to Power BI."),
        Field("workspace", .text, required: true, "The workspace's name or id."),
        Field("model", .text, required: true, "The model's name or id."),
        Field(
            "capacity",
            .choice(Capacity.allCases.map(\.rawValue)),
            default: "dedicated",
            altersWork: false,
            "Premium, Embedded and Fabric are dedicated; shared knows only refreshes of the whole model, without options."
        ),
        Field(
            "on_conflict",
            .choice(RefreshPolicy.OnConflict.allCases.map(\.rawValue)),
            default: "wait",
            altersWork: false,
            "What to do while somebody else's refresh runs: wait for it, adopt it where that is sound, skip, or fail."
        ),
        Field("refresh", .object(RefreshOptions.fields), "How the model is refreshed."),
        Field(
            "verify",
            VerifyOptions.shape,
            altersWork: false,
            "Counts the rows of refreshed tables and compares them with their inputs: true, or the tables by name."
        ),
    ]

    package static let examples = [
        """
        key: powerbi/retail/sales
        kind: powerbi.semantic_model
        connection: powerbi
        workspace: Retail
        model: Sales
        refresh:
          commit_mode: transactional
          max_parallelism: 2
          tables:
            fct_sales: {from: warehouse/fct_sales, partition: Current}
            dim_customer: {from: [warehouse/dim_customer, warehouse/dim_region]}
        """,
        """
        key: powerbi/finance/ledger
        kind: powerbi.semantic_model
        connection: powerbi
        workspace: cfafbeb1-8037-4d0c-896e-a46fb27ff229
        model: Ledger
        capacity: shared
        on_conflict: skip
        deps: [warehouse/ledger]
        """,
        """
        key: powerbi/retail/stock
        kind: powerbi.semantic_model
        connection: powerbi
        workspace: Retail
        model: Stock
        on_conflict: adopt
        refresh:
          full_above: 0.6
          tables:
            fct_stock: {from: warehouse/fct_stock}
            dim_product: {from: warehouse/dim_product}
        verify:
          fct_stock: {count: row_count, tolerance: 0.5%, severity: error}
        """,
    ]

    enum Capacity: String, CaseIterable {
        case dedicated
        case shared
    }

    /// The name of the connection.
    package let connection: String
    /// Name or id, with references to the environment unresolved.
    package let workspace: String
    /// Name or id, with references to the environment unresolved.
    package let model: String
    let onConflict: RefreshPolicy.OnConflict
    let options: RefreshOptions
    let verify: VerifyOptions

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        workspace = try settings.requiredText("workspace")
        model = try settings.requiredText("model")
        let capacity: Capacity = try settings.choice("capacity") ?? .dedicated
        onConflict = try settings.choice("on_conflict") ?? .wait
        options = try RefreshOptions(from: settings.object("refresh"), isStandard: capacity == .shared)
        verify = try VerifyOptions(from: settings, tables: options.tables)
    }

    package var parts: [String: [AssetKey]] { options.tables.mapValues(\.inputs) }

    /// Shared capacity allows eight refreshes in 24 hours, those of the schedule included; dedicated capacity does not
    /// count those that are asked for through the interface.
    package var quota: Quota? { options.isStandard ? Quota(limit: 8, window: .seconds(24 * 3600)) : nil }

    package func refreshed(for extent: Extent) -> Extent { options.isStandard ? .whole : options.widened(extent) }

    package func materialize(_ step: StepContext) async -> StepOutcome {
        let connection: PowerBIConnection
        do {
            connection = try step.connections.get(self.connection)
        } catch {
            return .failed(StepFailure(.configuration, .never, message: error.description))
        }
        if let found = step.resuming {
            guard let address = ModelAddress(target: found.target) else {
                let message = "the operation '\(found.id)' of a former process does not name a semantic model"
                return .failed(StepFailure(.internalError, .never, message: message))
            }
            return await converse(step, connection, address, found, isResuming: true)
        }
        await step.report("looking up \(model) in \(workspace)")
        do {
            let workspace = try await step.surroundings.secrets.resolve(workspace)
            let model = try await step.surroundings.secrets.resolve(model)
            let address = try await connection.directory.find(workspace: workspace, model: model)
            return await converse(step, connection, address, operation(step, on: address), isResuming: false)
        } catch let error as LookupError {
            return Task.isCancelled ? .left : .failed(error.stepFailure(at: step.surroundings.clock.now))
        } catch {
            return .failed(StepFailure(.configuration, .never, message: "\(error)"))
        }
    }

    /// The intent: one for each attempt, and the same however often it is asked for.
    private func operation(_ step: StepContext, on address: ModelAddress) -> RemoteOperation {
        let body = options.body(for: step.extent)
        return RemoteOperation(
            id: "\(step.run)/\(step.asset)/\(step.attempt)",
            run: step.run,
            asset: step.asset,
            attempt: step.attempt,
            target: address.target,
            bodyHash: body.fingerprint,
            objects: body.objects,
            preparedAt: step.surroundings.clock.now,
            deadline: step.deadline
        )
    }

    private func converse(
        _ step: StepContext,
        _ connection: PowerBIConnection,
        _ address: ModelAddress,
        _ operation: RemoteOperation,
        isResuming: Bool
    ) async -> StepOutcome {
        let now = step.surroundings.clock.now
        let machine = RefreshMachine(
            operation,
            isResuming: isResuming,
            type: options.isStandard ? nil : options.type.wireName,
            plannedAt: step.plannedAt ?? now,
            changedAt: step.causes.contains(where: \.asksForOwnRefresh) ? nil : step.inputsChangedAt,
            policy: policy(of: connection),
            seed: UInt64(step.surroundings.chance() * 0x1p53)
        )
        var conversation = RefreshConversation(
            machine: machine,
            step: step,
            endpoint: ModelEndpoint(connection: connection, address: address),
            body: options.body(for: step.extent).text
        )
        guard let outcome = await conversation.run() else { return .left }
        // A standard refresh has neither a type nor a mode.
        let wording = RefreshWording(
            type: options.isStandard ? nil : options.type.wireName,
            commitMode: options.isStandard ? nil : options.commitMode.wireName,
            redactor: step.surroundings.redactor
        )
        guard case .succeeded(var success) = wording.stepOutcome(outcome) else { return wording.stepOutcome(outcome) }
        let extent = options.isStandard ? .whole : options.widened(step.extent)
        if extent != step.extent { success.extent = extent }
        return await verified(success, extent, step, connection, address)
    }

    private func policy(of connection: PowerBIConnection) -> RefreshPolicy {
        var policy = connection.policy
        policy.onConflict = onConflict == .adopt && !options.isWithinOthers ? .wait : onConflict
        if options.isStandard { policy.dailyQuota = Self.sharedQuota }
        // A second refresh reads the data again and does no harm; a second clearing may empty what was loaded since.
        if options.type == .clearValues { policy.afterNotFound = .never }
        return policy
    }

    /// Rows that should be there and are not make a failure of what the service calls a success.
    private func verified(
        _ success: StepSuccess,
        _ extent: Extent,
        _ step: StepContext,
        _ connection: PowerBIConnection,
        _ address: ModelAddress
    ) async -> StepOutcome {
        guard !verify.rules.isEmpty else { return .succeeded(success) }
        let count = RowCount(options: verify, step: step, connection: connection, address: address)
        let findings = await count.take(extent)
        // The process ends: the next one finds the refresh completed, and counts again.
        if Task.isCancelled, step.stop.reason == nil { return .left }
        var success = success
        success.checks = findings.checks
        if !findings.rows.isEmpty, var members = success.details.object {
            members["rows"] = .object(findings.rows.mapValues { .integer($0) })
            success.details = .object(members)
        }
        let failed = findings.checks.filter { !$0.isPassed && $0.severity == .error }
        guard !failed.isEmpty else { return .succeeded(success) }
        let message = failed.map { "\($0.name): \($0.message)" }.joined(separator: "; ")
        return .failed(
            StepFailure(.checkFailed, .later, message: message, details: success.details, checks: findings.checks)
        )
    }

    /// Scheduled refreshes and those through the interface, together, on shared capacity.
    ///
    /// - SeeAlso: Power BI, *Data refresh*, "Refresh frequency".
    static let sharedQuota = 8
}
