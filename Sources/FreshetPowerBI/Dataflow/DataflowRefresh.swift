internal import FreshetCore
package import FreshetKit

/// Refreshes a dataflow, whole.
package struct DataflowRefresh: AssetKind {
    package static let name = "powerbi.dataflow"
    package static let summary = "A Power BI dataflow, refreshed through the REST interface."

    package static let fields: [Field] = [
        Field("connection", .connection([PowerBIConnection.name]), required: true, "The connection to Power BI."),
        Field("workspace", .text, required: true, "The workspace's name or id."),
        Field("dataflow", .text, required: true, "The dataflow's name or id."),
        Field(
            "process_type",
            .choice(ProcessType.allCases.map(\.rawValue)),
            default: "default",
            "Whether incremental refresh applies where it is set up, or everything is loaded again."
        ),
        Field(
            "on_conflict",
            .choice(RefreshPolicy.OnConflict.allCases.map(\.rawValue)),
            default: "wait",
            altersWork: false,
            "What to do while somebody else's refresh runs: wait for it, adopt it where that is sound, skip, or fail."
        ),
    ]

    package static let examples = [
        """
        key: powerbi/retail/currency_rates
        kind: powerbi.dataflow
        connection: powerbi
        workspace: Retail
        dataflow: Currency rates
        on_conflict: adopt
        deps: [warehouse/currency_rates]
        """
    ]

    enum ProcessType: String, CaseIterable {
        case `default`
        case processFull = "process_full"

        var wireName: String { self == .processFull ? "processFull" : rawValue }
    }

    let connection: String
    let workspace: String
    let dataflow: String
    let processType: ProcessType
    let onConflict: RefreshPolicy.OnConflict

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        workspace = try settings.requiredText("workspace")
        dataflow = try settings.requiredText("dataflow")
        processType = try settings.choice("process_type") ?? .default
        onConflict = try settings.choice("on_conflict") ?? .wait
    }

    /// A transaction does not say how it was processed: only the default is sure to be done by every other.
    var conflictRule: RefreshPolicy.OnConflict {
        onConflict == .adopt && processType != .default ? .wait : onConflict
    }

    /// An application gets no mail, and the interface requires the word.
    private static let body = #"{"notifyOption":"NoNotification"}"#

    package func materialize(_ step: StepContext) async -> StepOutcome {
        let connection: PowerBIConnection
        do {
            connection = try step.connections.get(self.connection)
        } catch {
            return .failed(StepFailure(.configuration, .never, message: error.description))
        }
        if let found = step.resuming {
            guard let address = DataflowAddress(target: found.target) else {
                let message = "the operation '\(found.id)' of a former process does not name a dataflow"
                return .failed(StepFailure(.internalError, .never, message: message))
            }
            return await converse(step, connection, address, found, isResuming: true)
        }
        await step.report("looking up \(dataflow) in \(workspace)")
        do {
            let workspace = try await step.surroundings.secrets.resolve(workspace)
            let dataflow = try await step.surroundings.secrets.resolve(dataflow)
            let address = try await connection.directory.findDataflow(dataflow, in: workspace)
            return await converse(step, connection, address, operation(step, on: address), isResuming: false)
        } catch let error as LookupError {
            return Task.isCancelled ? .left : .failed(error.stepFailure(at: step.surroundings.clock.now))
        } catch {
            return .failed(StepFailure(.configuration, .never, message: "\(error)"))
        }
    }

    private func operation(_ step: StepContext, on address: DataflowAddress) -> RemoteOperation {
        var fingerprint = Fingerprint()
        fingerprint.add(processType.wireName)
        fingerprint.add(Self.body)
        return RemoteOperation(
            id: "\(step.run)/\(step.asset)/\(step.attempt)",
            run: step.run,
            asset: step.asset,
            attempt: step.attempt,
            target: address.target,
            bodyHash: fingerprint.hexadecimal,
            preparedAt: step.surroundings.clock.now,
            deadline: step.deadline
        )
    }

    private func converse(
        _ step: StepContext,
        _ connection: PowerBIConnection,
        _ address: DataflowAddress,
        _ operation: RemoteOperation,
        isResuming: Bool
    ) async -> StepOutcome {
        var policy = connection.policy
        policy.onConflict = conflictRule
        // Each request has to be found in the list, not only those whose answer was lost: so look soon.
        policy.reconcileAfter = Self.firstReadings + policy.reconcileAfter.filter { $0 > Self.firstReadings[1] }
        let machine = RefreshMachine(
            operation,
            isResuming: isResuming,
            type: nil,
            plannedAt: step.plannedAt ?? step.surroundings.clock.now,
            changedAt: step.causes.contains(where: \.asksForOwnRefresh) ? nil : step.inputsChangedAt,
            policy: policy,
            seed: UInt64(step.surroundings.chance() * 0x1p53)
        )
        var conversation = RefreshConversation(
            machine: machine,
            step: step,
            endpoint: DataflowEndpoint(
                connection: connection,
                address: address,
                processType: processType.wireName
            ),
            body: Self.body
        )
        let wording = RefreshWording(redactor: step.surroundings.redactor)
        return await conversation.run().map(wording.stepOutcome) ?? .left
    }

    private static let firstReadings: [Duration] = [.seconds(3), .seconds(10)]
}
