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
    ]

    enum Capacity: String, CaseIterable {
        case dedicated
        case shared
    }

    let connection: String
    let workspace: String
    let model: String
    let onConflict: RefreshPolicy.OnConflict
    let options: RefreshOptions

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        workspace = try settings.requiredText("workspace")
        model = try settings.requiredText("model")
        let capacity: Capacity = try settings.choice("capacity") ?? .dedicated
        onConflict = try settings.choice("on_conflict") ?? .wait
        options = try RefreshOptions(from: settings.object("refresh"), isStandard: capacity == .shared)
    }

    package var parts: [String: [AssetKey]] { options.tables.mapValues(\.inputs) }

    /// Shared capacity allows eight refreshes in 24 hours, those of the schedule included; dedicated capacity does not
    /// count those that are asked for through the interface.
    package var quota: Quota? { options.isStandard ? Quota(limit: 8, window: .seconds(24 * 3600)) : nil }

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
            return Task.isCancelled ? .left : .failed(error.stepFailure)
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
        var policy = connection.policy
        policy.onConflict = onConflict
        // A second refresh reads the data again and does no harm; a second clearing may empty what was loaded since.
        if options.type == .clearValues { policy.afterNotFound = .never }
        let now = step.surroundings.clock.now
        let machine = RefreshMachine(
            operation,
            isResuming: isResuming,
            type: options.isStandard ? nil : options.type.wireName,
            plannedAt: step.plannedAt ?? now,
            policy: policy,
            seed: UInt64(step.surroundings.chance() * 0x1p53)
        )
        var conversation = RefreshConversation(
            machine: machine,
            step: step,
            connection: connection,
            address: address,
            body: options.body(for: step.extent).text
        )
        let outcome = await conversation.run()
        return outcome.map { RefreshWording(options: options, redactor: step.surroundings.redactor).stepOutcome($0) }
            ?? .left
    }
}

extension LookupError {
    fileprivate var stepFailure: StepFailure {
        switch self {
        case .unknown, .ambiguous: StepFailure(.configuration, .never, message: description)
        case .refused(let refusal):
            switch refusal.reason {
            case .denied, .tokenExpired: StepFailure(.credentials, .never, message: description)
            case .badRequest, .busy, .notFound, .quotaExhausted:
                StepFailure(.configuration, .never, message: description)
            }
        case .unanswered(let silence):
            StepFailure(silence.isThrottled ? .throttled : .unreachable, .later, message: description)
        }
    }
}
