internal import FreshetCore
internal import FreshetKit

extension ShapeDecoder {
    /// A single value; every shape but those of lists, maps and objects.
    mutating func decodeScalar(
        _ raw: RawValue,
        as shape: Shape,
        _ name: String,
        _ use: KeyReference.Use
    ) -> ConfigValue? {
        guard let scalar = raw.scalar, !scalar.isNull else {
            if case .secret = shape, raw.scalar == nil {
                error("'\(name)' has to be \(shape.expectation)", at: raw.origin)
                return nil
            }
            return mismatch(raw, shape, name)
        }
        let text = scalar.text
        if scalar.isUnresolved {
            isIncomplete = true
            return ConfigValue(.text(text), at: raw.origin)
        }
        if toleratesVariables, text.contains("${var:") { return ConfigValue(.text(text), at: raw.origin) }
        switch shape {
        case .secret: return decodeSecret(text, raw, name)
        case .boolean: return decodeBoolean(scalar, raw, name)
        case .integer(let range):
            guard scalar.isPlain, let number = Int64(text), range.contains(Int(number)) else {
                return mismatch(raw, shape, name, hint: Self.hint(forNumber: scalar))
            }
            return ConfigValue(.integer(number), at: raw.origin)
        case .number(let range):
            guard scalar.isPlain, let number = Double(text), number.isFinite, range.contains(number) else {
                return mismatch(raw, shape, name, hint: Self.hint(forNumber: scalar))
            }
            return ConfigValue(Int64(text).map { .integer($0) } ?? .number(number), at: raw.origin)
        case .duration:
            guard Duration(parsing: text) != nil else {
                let hint = Double(text) == nil ? nil : "add a unit: \(text)s for seconds, \(text)m for minutes"
                return mismatch(raw, shape, name, hint: hint)
            }
        case .choice(let words):
            guard words.contains(text) else {
                return mismatch(raw, shape, name, hint: .didYouMean(nearest(text, among: words)))
            }
        case .assetKey:
            if let problem = AssetKey.problem(of: text) {
                error("'\(text)' cannot be the key of an asset: \(problem)", at: raw.origin)
                return nil
            }
            refer(to: AssetKey(text), at: raw.origin, as: use)
        case .condition:
            guard isCondition(text, raw) else { return nil }
        case .connection(let kinds):
            guard isConnection(text, of: kinds, raw) else { return nil }
        case .pool:
            guard isPool(text, raw) else { return nil }
        default: break
        }
        return ConfigValue(.text(text), at: raw.origin)
    }

    /// The value itself is never part of a message.
    private mutating func decodeSecret(_ text: String, _ raw: RawValue, _ name: String) -> ConfigValue? {
        var parts = ReferenceParts(text)
        while let part = parts.next() {
            if case .reference(let reference) = part.content, ["secret", "var"].contains(reference.provider) {
                return ConfigValue(.text(text), at: raw.origin)
            }
        }
        error(
            "'\(name)' holds a secret in plain text",
            at: raw.origin,
            hint: "write ${secret:env/NAME} for an environment variable or ${secret:file/PATH} for a file"
        )
        return nil
    }

    private mutating func decodeBoolean(_ scalar: RawScalar, _ raw: RawValue, _ name: String) -> ConfigValue? {
        switch scalar.text {
        case "true", "True", "TRUE": break
        case "false", "False", "FALSE": break
        default:
            let word = ["on", "y", "yes"].contains(scalar.text.lowercased()) ? "true" : "false"
            return mismatch(raw, .boolean, name, hint: scalar.isBooleanWord ? "write \(word)" : nil)
        }
        guard scalar.isPlain else { return mismatch(raw, .boolean, name, hint: "remove the quotation marks") }
        return ConfigValue(.boolean(scalar.text.lowercased() == "true"), at: raw.origin)
    }

    private static func hint(forNumber scalar: RawScalar) -> String? {
        !scalar.isPlain && Double(scalar.text) != nil ? "remove the quotation marks" : nil
    }

    private mutating func isCondition(_ text: String, _ raw: RawValue) -> Bool {
        do throws(ConditionError) {
            for key in try Condition(parsing: text).keys {
                refer(to: key, at: raw.origin(of: key.path), as: .condition)
            }
            return true
        } catch {
            self.error("the condition is not right: \(error)", at: raw.origin(atOffset: error.offset))
            return false
        }
    }

    private mutating func isConnection(_ text: String, of kinds: [String], _ raw: RawValue) -> Bool {
        guard let names else { return true }
        guard let found = names.connections[text] else {
            let usable = names.connections.filter { kinds.isEmpty || kinds.contains($0.value ?? "") }.keys.sorted()
            let near = nearest(text, among: usable) ?? nearest(text, among: names.connections.keys.sorted())
            let known = usable.isEmpty ? "state one under 'connections' in freshet.yaml" : "known are"
            let hint = ([known] + (usable.isEmpty ? [] : [usable.alternatives])).joined(separator: " ")
            error("there is no connection '\(text)'", at: raw.origin, hint: .didYouMean(near) ?? hint)
            return false
        }
        // Of what kind a broken connection would be is not known.
        guard let kind = found, !kinds.isEmpty, !kinds.contains(kind) else { return true }
        let fitting = names.connections.filter { kinds.contains($0.value ?? "") }.keys.sorted()
        error(
            "the connection '\(text)' is of the kind \(kind); \(kinds.alternatives) is needed here",
            at: raw.origin,
            hint: fitting.isEmpty ? nil : "of that kind: \(fitting.joined(separator: ", "))"
        )
        return false
    }

    private mutating func isPool(_ text: String, _ raw: RawValue) -> Bool {
        guard let names, !names.pools.contains(text) else { return true }
        let near = String.didYouMean(nearest(text, among: names.pools.sorted()))
        error(
            "there is no pool '\(text)'",
            at: raw.origin,
            hint: near ?? "state it under 'pools' in freshet.yaml, with its number of slots"
        )
        return false
    }
}

extension RawValue {
    /// The place of a word within a scalar's text; the scalar's own where it does not stand there literally.
    func origin(of word: String) -> Origin {
        guard let text = scalar?.text, let range = text.firstRange(of: word) else { return origin }
        return origin(atOffset: text.unicodeScalars.distance(from: text.startIndex, to: range.lowerBound))
    }
}
