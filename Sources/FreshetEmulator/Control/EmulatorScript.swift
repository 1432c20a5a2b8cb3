/// A file of faults, sequences and settings that an emulator begins with.
///
/// Everything in it goes the way of the control routes, so that both take the same words. It is only remembered where
/// in the file each value stands, to say so when it is wrong.
struct EmulatorScript: Sendable {
    private var document: PositionedYAML

    init(_ document: PositionedYAML) { self.document = document }

    /// - Throws: when the file cannot be read, is not YAML, or a route would refuse what it says.
    static func load(_ file: String, into world: inout World, _ moment: World.Moment) throws(EmulatorFileError) {
        let script = EmulatorScript(try PositionedYAML.read(file))
        do throws(ControlBody.Flaw) {
            try script.apply(to: &world, moment)
        } catch {
            throw script.document.error(error.message, at: error.path)
        }
        world.startScript = script
    }

    func apply(to world: inout World, _ moment: World.Moment) throws(ControlBody.Flaw) {
        guard case .object(let sections) = document.value else {
            if document.value == .null { return }
            throw ControlBody.Flaw(message: "the file must be a mapping")
        }
        for name in sections.keys.sorted() where Section(rawValue: name) == nil {
            let known = Section.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlBody.Flaw(message: "unknown key '\(name)': expected one of \(known)", path: name)
        }
        for section in Section.allCases {
            guard let value = sections[section.rawValue] else { continue }
            try section.apply(value, to: &world, moment)
        }
    }

    private enum Section: String, CaseIterable {
        // In the order in which they are applied: models may be added to workspaces first.
        case tenant, workspaces, models, dataflows, faults, sequences, clock

        func apply(_ value: JSON, to world: inout World, _ moment: World.Moment) throws(ControlBody.Flaw) {
            switch self {
            case .clock, .tenant: try send(value, to: [rawValue], at: rawValue, &world, moment)
            case .dataflows, .models, .workspaces:
                guard let members = value.members else { throw flaw("a mapping from names to settings") }
                for (name, settings) in members.sorted(by: { $0.key < $1.key }) {
                    try send(settings, to: [rawValue, name], at: "\(rawValue).\(name)", &world, moment)
                }
            case .faults, .sequences:
                guard let elements = value.elements else { throw flaw("a list") }
                for (index, element) in elements.enumerated() {
                    let place = "\(rawValue).\(index)"
                    do throws(ControlBody.Flaw) {
                        let fault = self == .faults ? element : try Section.fault(of: element)
                        try send(fault, to: ["faults"], at: place, &world, moment)
                    } catch {
                        throw self == .faults ? error : Section.sequenceFlaw(error, at: place)
                    }
                }
            }
        }

        private func flaw(_ expected: String) -> ControlBody.Flaw {
            ControlBody.Flaw(message: "\(rawValue) must be \(expected)", path: rawValue)
        }

        private func send(
            _ body: JSON,
            to route: [String],
            at place: String,
            _ world: inout World,
            _ moment: World.Moment
        ) throws(ControlBody.Flaw) {
            guard body.members != nil else {
                throw ControlBody.Flaw(message: "\(place) must be a mapping", path: place)
            }
            let call = Call("POST", "/_emulator/" + route.joined(separator: "/"), body: Array(body.text.utf8))
            let reply: Reply
            do throws(ControlBody.Flaw) {
                reply = try world.control(route, call, moment)
            } catch {
                let path = error.path.isEmpty ? place : "\(place).\(error.path)"
                throw ControlBody.Flaw(message: error.message, path: path)
            }
            guard reply.status < 300 else {
                let message = JSON(bytes: reply.body)?["error"]?.string ?? "refused"
                throw ControlBody.Flaw(message: message, path: place)
            }
        }

        /// The fault that shows a sequence: its stages go with the next refresh of its model.
        private static func fault(of element: JSON) throws(ControlBody.Flaw) -> JSON {
            guard var members = element.members else { throw ControlBody.Flaw(message: "a sequence must be a mapping") }
            guard let stages = members.removeValue(forKey: "stages") else {
                throw ControlBody.Flaw(message: "a sequence needs its stages")
            }
            var match: [String: JSON] = ["kind": "refresh_post"]
            match["model"] = members.removeValue(forKey: "model")
            members["match"] = .object(match)
            members["action"] = ["sequence": stages]
            return .object(members)
        }

        /// The flaw as the file has it, where a sequence is not yet a fault.
        private static func sequenceFlaw(_ flaw: ControlBody.Flaw, at place: String) -> ControlBody.Flaw {
            var flaw = flaw
            for (inner, outer) in [("action.sequence", "stages"), ("match.model", "model")] {
                flaw.message = flaw.message.replacing(inner, with: outer)
                flaw.path = flaw.path.replacing(inner, with: outer)
            }
            if flaw.path.isEmpty { flaw.path = place }
            return flaw
        }
    }
}
