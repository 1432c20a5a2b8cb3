extension World {
    mutating func answerFabric(_ route: FabricRoute, _ call: Call, at now: Instant) -> Reply {
        let requestID = identifiers.guid()
        var reply: Reply
        do throws(FabricRefusal) {
            switch directory.admission(of: call, at: now) {
            case .unknown: throw .tokenInvalid
            case .expired: throw .tokenExpired
            case .admitted: reply = try serve(route, call, at: now)
            }
            reply.headers.append(("RequestId", requestID))
        } catch {
            reply = error.reply(requestID: requestID)
        }
        reply.headers += World.powerBIHeaders
        return reply
    }

    private mutating func serve(_ route: FabricRoute, _ call: Call, at now: Instant) throws(FabricRefusal) -> Reply {
        switch route {
        case .definition(let workspace, let model):
            return try startDefinition(of: model, in: workspace, call, at: now)
        case .operation(let id):
            let operation = try operation(id)
            let isOver = operation.isOver(at: now)
            let next = isOver ? operation.location + "/result" : operation.location
            var headers = [(name: "Location", value: next), ("x-ms-operation-id", operation.id)]
            if !isOver { headers.append(("Retry-After", Operation.pause)) }
            return Reply(200, json: operation.status(at: now), headers: headers)
        case .result(let id):
            let operation = try operation(id)
            guard operation.isOver(at: now) else {
                throw FabricRefusal(
                    status: 400,
                    code: "OperationNotCompleted",
                    message: "The operation \(id) has not completed"
                )
            }
            return Reply(200, json: operation.result)
        }
    }

    private func operation(_ id: String) throws(FabricRefusal) -> Operation {
        guard let operation = powerBI.operations.first(where: { $0.id.isSameID(as: id) }) else {
            throw FabricRefusal(status: 404, code: "OperationNotFound", message: "The operation \(id) is not found")
        }
        return operation
    }

    private mutating func startDefinition(
        of model: String,
        in workspace: String,
        _ call: Call,
        at now: Instant
    ) throws(FabricRefusal) -> Reply {
        let word = call.queryValue("format") ?? "TMDL"
        // The service minds the case of this one.
        guard let format = ModelDefinition(rawValue: word) else { throw .invalid("The format \(word) is not known") }
        let place: PowerBI.Place
        switch powerBI.place(group: workspace, dataset: model) {
        case .success(let found): place = found
        case .failure(.notAuthorized): throw .forbidden
        case .failure: throw .notFound("The item \(model) is not found in the workspace \(workspace)")
        }
        let operation = Operation(
            id: identifiers.guid(),
            created: now,
            duration: powerBI.operationDuration,
            result: format.json(of: powerBI[place])
        )
        // A day is longer than any client waits for a result.
        powerBI.operations.removeAll { now - $0.created > 86_400 }
        powerBI.operations.append(operation)
        return Reply(
            202,
            json: .null,
            headers: [
                ("Location", operation.location), ("Retry-After", Operation.pause), ("x-ms-operation-id", operation.id),
            ]
        )
    }
}
