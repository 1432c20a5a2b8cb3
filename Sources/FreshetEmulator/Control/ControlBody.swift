/// The JSON object sent to a control route.
///
/// A member nobody reads is an error: a misspelt one in a test would otherwise script nothing and prove nothing.
struct ControlBody {
    /// What is wrong with a control request.
    struct Flaw: Error, Hashable {
        var message: String
        /// The member it is about, from the outermost object: `action.status`.
        var path = ""
    }

    private var members: [String: JSON]
    /// Where in the request this object is, for messages.
    private let place: String

    init(_ bytes: [UInt8]) throws(Flaw) {
        guard !bytes.isEmpty else {
            self.init([:], place: "")
            return
        }
        guard let members = JSON(bytes: bytes)?.members else { throw Flaw(message: "the body must be a JSON object") }
        self.init(members, place: "")
    }

    private init(_ members: [String: JSON], place: String) {
        self.members = members
        self.place = place
    }

    mutating func take(_ name: String) -> JSON? {
        let value = members.removeValue(forKey: name)
        return value == .null ? nil : value
    }

    mutating func string(_ name: String) throws(Flaw) -> String? {
        guard let value = take(name) else { return nil }
        guard let text = value.string else { throw flaw(name, "a string") }
        return text
    }

    mutating func int(_ name: String) throws(Flaw) -> Int? {
        guard let value = take(name) else { return nil }
        guard case .int(let number) = value else { throw flaw(name, "a whole number") }
        return number
    }

    /// An HTTP status that can be answered with a body.
    mutating func status(_ name: String) throws(Flaw) -> Int? {
        guard let status = try int(name) else { return nil }
        guard (200...599).contains(status) else { throw flaw(name, "from 200 to 599") }
        return status
    }

    mutating func seconds(_ name: String) throws(Flaw) -> Double? {
        let seconds: Double
        switch take(name) {
        case nil: return nil
        case .int(let number)?: seconds = Double(number)
        case .double(let number)?: seconds = number
        default: throw flaw(name, "a number of seconds")
        }
        // Three centuries: beyond, instants would overflow.
        guard abs(seconds) < 1e10 else { throw flaw(name, "less than 1e10 seconds") }
        return seconds
    }

    mutating func bool(_ name: String) throws(Flaw) -> Bool? {
        guard let value = take(name) else { return nil }
        guard case .bool(let flag) = value else { throw flaw(name, "true or false") }
        return flag
    }

    mutating func choice<Choice: RawRepresentable<String>>(_ name: String, _: Choice.Type) throws(Flaw) -> Choice? {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else { throw flaw(name, "something other than \(text)") }
        return choice
    }

    mutating func object(_ name: String) throws(Flaw) -> ControlBody? {
        guard let value = take(name) else { return nil }
        guard let members = value.members else { throw flaw(name, "an object") }
        return ControlBody(members, place: "\(place)\(name).")
    }

    mutating func list(_ name: String) throws(Flaw) -> [ControlBody]? {
        guard let value = take(name) else { return nil }
        guard let elements = value.elements else { throw flaw(name, "a list") }
        var bodies: [ControlBody] = []
        for (index, element) in elements.enumerated() {
            guard let members = element.members else { throw flaw("\(name).\(index)", "an object") }
            bodies.append(ControlBody(members, place: "\(place)\(name).\(index)."))
        }
        return bodies
    }

    /// Takes an object of objects, and every member of theirs.
    mutating func each(
        _ name: String,
        _ body: (String, inout ControlBody) throws(Flaw) -> Void
    ) throws(Flaw) {
        guard let objects = try object(name) else { return }
        for key in objects.members.keys.sorted() {
            var rest = objects
            guard var fields = try rest.object(key) else { continue }
            try body(key, &fields)
            try fields.finish()
        }
    }

    /// Call last: complains about what nobody took.
    func finish() throws(Flaw) {
        guard let name = members.keys.min() else { return }
        throw Flaw(message: "unknown member \(place)\(name)", path: place + name)
    }

    /// Something wrong with this object as a whole.
    func flaw(_ message: String) -> Flaw { Flaw(message: message, path: String(place.dropLast())) }

    private func flaw(_ name: String, _ expected: String) -> Flaw {
        Flaw(message: "\(place)\(name) must be \(expected)", path: place + name)
    }
}
