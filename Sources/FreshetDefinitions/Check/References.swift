internal import FreshetCore
internal import FreshetKit

/// The references `${provider:name}` that a text holds, and what may be referred to where.
///
/// `${var:…}` is replaced when the files are loaded; `${env:…}` and `${secret:…}` stay, and ``Secrets`` replaces them
/// at each use. `$$` stands for `$`: in connections and sources ``Secrets`` says so, elsewhere the loader does, except
/// for `$${`, which a later look for references would otherwise take for one.
struct References {
    /// Where a text stands, and so what it may refer to.
    enum Place {
        /// An asset, or a default for assets: what stands there goes into code versions and listings.
        case asset
        /// A connection or a source.
        case connection
        /// A backend of secrets, which can refer to no other.
        case secretBackend
        /// A variable of the project or of an environment.
        case variable
        /// What the loader itself has to know, such as the time zone.
        case project
    }

    /// By name, as written; references in them are kept.
    var variables: [String: RawScalar]
    /// The declared backends of secrets by name, each with whether its secrets have versions.
    var backends: [String: Bool] = [:]
    /// The environments that state a variable which is unknown here, by the variable's name.
    var elsewhere: [String: [String]] = [:]

    private static let providers = ["env", "secret", "var"]

    /// The value with its variables replaced, and every reference checked.
    func resolve(_ value: RawValue, in place: Place, _ diagnostics: inout DiagnosticList) -> RawValue {
        guard value.holdsDollar else { return value }
        var value = value
        switch value.content {
        case .scalar(let scalar):
            value.content = .scalar(resolve(scalar, of: value, in: place, &diagnostics))
        case .list(let items):
            value.content = .list(items.map { resolve($0, in: place, &diagnostics) })
        case .map(let entries):
            value.content = .map(
                entries.map { entry in
                    var entry = entry
                    entry.value = resolve(entry.value, in: place, &diagnostics)
                    return entry
                }
            )
        }
        return value
    }

    private func resolve(
        _ scalar: RawScalar,
        of value: RawValue,
        in place: Place,
        _ diagnostics: inout DiagnosticList
    ) -> RawScalar {
        guard scalar.text.utf8.contains(UInt8(ascii: "$")) else { return scalar }
        var parts = ReferenceParts(scalar.text)
        var result = ""
        var onlyVariable: RawScalar?
        let errorsBefore = diagnostics.errorCount
        while let part = parts.next() {
            let origin = value.origin(atOffset: part.offset)
            switch part.content {
            case .text(let text): result += text
            case .unclosed:
                diagnostics.error(
                    "'${' is not closed by '}'",
                    at: origin,
                    hint: "write $${ where no reference is meant"
                )
            case .reference(let reference):
                if let problem = check(reference, in: place) {
                    diagnostics.error(problem.message, at: origin, hint: problem.hint)
                } else if reference.provider == "var", place != .variable {
                    let variable = variables[reference.name]
                    if let variable, variable.text.contains("${secret:"),
                        ![.connection, .secretBackend].contains(place)
                    {
                        let problem = Self.noSecret(in: place)
                        diagnostics.error(
                            "the variable '\(reference.name)' holds a secret; \(problem.message)",
                            at: origin,
                            hint: problem.hint
                        )
                    }
                    result += variable?.text ?? ""
                    if part.offset == 0, parts.isAtEnd { onlyVariable = variable }
                } else {
                    result += reference.text
                }
            }
        }
        var resolved = scalar
        guard diagnostics.errorCount == errorsBefore else {
            resolved.isUnresolved = true
            return resolved
        }
        // In braces a reference needs quotation marks; the number that it stands for is a number all the same.
        if let onlyVariable { resolved.isPlain = onlyVariable.isPlain }
        switch place {
        case .variable: break
        // Secrets reads these texts again at each use, escapes included.
        case .connection, .secretBackend: resolved.text = result
        case .asset, .project: resolved.text = ReferenceParts.withoutEscapes(result)
        }
        if resolved.text != scalar.text { resolved.textOffset = nil }
        return resolved
    }

    private typealias Problem = (message: String, hint: String?)

    private func check(_ reference: Reference, in place: Place) -> Problem? {
        let forms = "write ${var:name}, ${env:NAME}, ${secret:env/NAME} or ${secret:file/PATH}"
        guard let provider = reference.provider else {
            return ("'\(reference.text)' is not a reference", "\(forms); $${ where none is meant")
        }
        switch provider {
        case "var": return check(variable: reference, in: place)
        case "env":
            guard reference.name.isVariableName else {
                return ("'\(reference.text)' does not name an environment variable", "write ${env:NAME}")
            }
            return nil
        case "secret": return check(secret: reference, in: place)
        default:
            let hint = String.didYouMean(nearest(provider, among: Self.providers)) ?? forms
            return ("'\(reference.text)' names the unknown provider '\(provider)'", hint)
        }
    }

    private func check(secret reference: Reference, in place: Place) -> Problem? {
        let builtIn = ProcessSecrets.backends
        let forms = "write ${secret:env/NAME} or ${secret:file/PATH}"
        let backend = String(reference.name.prefix { $0 != "/" })
        guard reference.name.contains("/") else {
            return ("'\(reference.text)' does not say where the secret is", forms)
        }
        guard builtIn.contains(backend) || backends[backend] != nil else {
            let near = String.didYouMean(nearest(backend, among: builtIn + backends.keys.sorted()))
            return (
                "'\(reference.text)' names the unknown secret backend '\(backend)'",
                near ?? "\(forms), or state '\(backend)' under 'secrets' in freshet.yaml"
            )
        }
        let parsed = SecretReference(parsing: reference.name) { backends[$0] ?? false }
        guard let parsed, backend != "env" || parsed.path.isVariableName else {
            let form = backends[backend] == nil ? forms : "write ${secret:\(backend)/<path>[#field][@version]}"
            return ("'\(reference.text)' does not say where the secret is", form)
        }
        switch place {
        case .connection, .variable: return nil
        case .secretBackend where builtIn.contains(backend): return nil
        case .secretBackend:
            let known = "use ${secret:env/NAME}, ${secret:file/PATH} or ${secret:systemd/NAME}"
            return ("a secret backend cannot take its own settings from the backend '\(backend)'", known)
        case .asset, .project: return Self.noSecret(in: place)
        }
    }

    private func check(variable reference: Reference, in place: Place) -> Problem? {
        guard place != .variable else {
            return ("a variable cannot refer to another one", "write out what '\(reference.text)' stands for")
        }
        guard variables[reference.name] == nil else { return nil }
        if let environments = elsewhere[reference.name] {
            return (
                "the variable '\(reference.name)' is not set, as no environment that states it is chosen",
                "choose \(environments.alternatives) with --env, FRESHET_ENV or 'default_environment'"
            )
        }
        let near = String.didYouMean(nearest(reference.name, among: variables.keys.sorted()))
        return ("there is no variable '\(reference.name)'", near ?? "state it under 'vars' in freshet.yaml")
    }

    private static func noSecret(in place: Place) -> Problem {
        place == .project
            ? ("a secret cannot stand here", "use ${env:NAME}")
            : (
                "a secret cannot stand in an asset: it would become part of its code version and of what is shown",
                "state it in a connection, and name the connection here"
            )
    }
}

extension RawValue {
    /// Whether any text in it could hold a reference; most hold none.
    fileprivate var holdsDollar: Bool {
        switch content {
        case .scalar(let scalar): scalar.text.utf8.contains(UInt8(ascii: "$"))
        case .list(let items): items.contains { $0.holdsDollar }
        case .map(let entries): entries.contains { $0.value.holdsDollar }
        }
    }
}

extension String {
    /// A name as POSIX allows it (IEEE 1003.1, section 3.235), in either case.
    var isVariableName: Bool {
        guard let first = unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        let ranges: [ClosedRange<Unicode.Scalar>] = ["a"..."z", "A"..."Z", "0"..."9", "_"..."_"]
        return unicodeScalars.allSatisfy { scalar in ranges.contains { $0.contains(scalar) } }
    }
}
