internal import FreshetCore
internal import FreshetKit

/// The kinds that an asset can be of, each with everything that can be stated about it.
struct KindTable {
    enum Maker {
        case kind(Recipe<any AssetKind>)
        case probe(Recipe<any Probe>)
        case source
        case branch
    }

    struct Form {
        var name: String
        var maker: Maker
        var role: CommonFields.Role
        /// The kind's own fields.
        var own: [Field]
        /// Common and own.
        var fields: [Field]
        /// All but the key, which is read first.
        var fieldsBehindKey: [Field]
        /// A hash of what else alters the work; see ``Recipe/codeVersion``.
        var codeVersion: String {
            switch maker {
            case .kind(let recipe): recipe.codeVersion
            case .probe(let recipe): recipe.codeVersion
            case .source, .branch: ""
            }
        }
        /// Why other common fields are no fields of this kind.
        var reasons: [String: String]

        init(_ name: String, _ maker: Maker, _ role: CommonFields.Role, own: [Field] = []) {
            let common = CommonFields.fields(for: role)
            let taken = Set(common.map(\.name))
            self.name = name
            self.maker = maker
            self.role = role
            self.own = own.filter { !taken.contains($0.name) }
            fields = common + self.own
            fieldsBehindKey = fields.filter { $0.name != CommonFields.key.name }
            let names = Set(own.map(\.name))
            reasons = CommonFields.reasons(for: role).filter { !names.contains($0.key) }
        }
    }

    private(set) var forms: [String: Form] = [:]

    /// The kinds of a catalog, and those of assets that only sources yield.
    init(_ catalog: Catalog, sourced: [(kind: String, fields: [Field])] = []) {
        for (kind, fields) in sourced { forms[kind] = Form(kind, .source, .sourced, own: fields) }
        for kind in catalog.kinds { forms[kind.name] = Form(kind.name, .kind(kind), .materialized, own: kind.fields) }
        for probe in catalog.probes { forms[probe.name] = Form(probe.name, .probe(probe), .probed, own: probe.fields) }
        forms[CommonFields.branchKind] = Form(CommonFields.branchKind, .branch, .branch)
    }

    subscript(name: String) -> Form? { forms[name] }

    var names: [String] { forms.keys.sorted() }
}

extension Catalog {
    /// The names that a kind of asset or a source cannot have besides.
    package var names: Set<String> { Set(KindTable(self).names + sources.map(\.name)) }

    /// What is wrong with the catalog itself: a name that two kinds share, or a field that hides a common one.
    ///
    /// - Returns: sentences for developers; empty in a right catalog.
    package var mistakes: [String] {
        var mistakes: [String] = []
        func checkNames(_ names: [String], _ what: String) {
            for (name, group) in Dictionary(grouping: names, by: \.self) where group.count > 1 {
                mistakes.append("\(group.count) \(what) are called '\(name)'")
            }
        }
        checkNames(kinds.map { $0.name } + probes.map { $0.name } + [CommonFields.branchKind], "kinds of assets")
        checkNames(connections.map { $0.name }, "kinds of connections")
        checkNames(sources.map { $0.name }, "kinds of sources")
        checkNames(hintSources.map { $0.name }, "kinds of sources of hints")
        checkNames(secretBackends.map { $0.name }, "kinds of secret backends")

        func checkFields(_ name: String, _ fields: [Field], common: [Field]) {
            let taken = Set(common.map(\.name))
            for field in fields where taken.contains(field.name) {
                mistakes.append("the field '\(field.name)' of \(name) is a common field already")
            }
            checkNames(fields.map(\.name), "fields of \(name)")
        }
        for kind in kinds { checkFields(kind.name, kind.fields, common: CommonFields.fields(for: .materialized)) }
        for probe in probes { checkFields(probe.name, probe.fields, common: CommonFields.fields(for: .probed)) }
        for connection in connections {
            checkFields(connection.name, connection.fields, common: [ProjectFields.connectionKind])
        }
        for backend in secretBackends { checkFields(backend.name, backend.fields, common: ProjectFields.secretBackend) }
        return mistakes.sorted()
    }
}
