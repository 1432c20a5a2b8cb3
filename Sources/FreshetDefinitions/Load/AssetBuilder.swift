internal import FreshetCore
internal import FreshetKit

/// Makes assets of what files state and sources yield: merges the layers, checks them, and makes the kind's value.
struct AssetBuilder {
    let project: ProjectSettings
    let table: KindTable
    let zones: Zones
    private let prefixes: SourcePrefixes
    private let code: (_ kind: String, _ settings: Settings) -> String
    /// What holds for the assets of each kind, once it was asked for.
    private var defaults: [String: RawValue] = [:]
    /// Zones that were found, so that a default is not looked up once an asset.
    var knownZones: Set<String> = []
    var diagnostics = DiagnosticList()

    /// Of `code`, see ``ProjectLoader/Code``.
    init(
        _ project: ProjectSettings,
        _ catalog: Catalog,
        _ zones: Zones,
        code: @escaping (_ kind: String, _ settings: Settings) -> String
    ) {
        self.project = project
        self.code = code
        self.zones = zones
        table = KindTable(catalog, sourced: project.sources.map { ($0.source.assetKind, $0.source.fieldsOfAssets) })
        prefixes = SourcePrefixes(project.sources)
    }

    /// The asset of all layers.
    mutating func build(_ stated: StatedAsset?, _ yielded: YieldedAsset?) -> AssetDraft? {
        guard let key = stated?.key ?? yielded?.spec.key, let origin = stated?.keyOrigin ?? yielded?.origin else {
            return nil
        }
        var draft = AssetDraft(
            definition: AssetDefinition(
                spec: AssetSpec(key: key),
                work: .branch,
                settings: Settings(ConfigValue(.object([]), at: origin))
            ),
            keyOrigin: origin,
            isBroken: true
        )
        guard let form = form(of: key, stated, yielded) else { return draft }

        var layers = yielded.map(layer(of:)) ?? RawValue(.map([]), at: origin)
        layers = layers.merged(with: defaults(for: form))
        if let stated { layers = layers.merged(with: stated.value) }
        layers.origin = origin

        var decoder = ShapeDecoder(names: project.names)
        var settings = decoder.decode(layers.entries ?? [], as: form.fieldsBehindKey, at: origin, reasons: form.reasons)
        diagnostics.add(decoder.diagnostics)
        if case .object(let entries) = settings.content {
            let keyEntry = ConfigValue.Entry(
                key: "key",
                keyOrigin: origin,
                value: ConfigValue(.text(key.path), at: origin)
            )
            settings.content = .object([keyEntry] + entries)
        }
        draft.references = decoder.references
        draft.isBroken = decoder.diagnostics.errorCount > 0 || decoder.isIncomplete
        fill(&draft, form, Settings(settings), yielded)
        return draft
    }

    private mutating func fill(
        _ draft: inout AssetDraft,
        _ form: KindTable.Form,
        _ settings: Settings,
        _ yielded: YieldedAsset?
    ) {
        let before = diagnostics.errorCount
        var spec = draft.definition.spec
        spec.role = form.role == .materialized ? .materialized : .observed
        spec.dependencies = ((try? settings.texts("deps")) ?? []).map { AssetKey($0) }  // Its shape was checked.
        spec.before = ((try? settings.texts("before")) ?? []).map { AssetKey($0) }  // Likewise.
        spec.after = ((try? settings.texts("after")) ?? []).map { AssetKey($0) }
        spec.links = yielded?.spec.links ?? []
        spec.labels = labels(settings, kind: form.name)
        spec.policy = policy(settings, yielded?.spec.policy, of: spec.key)
        let code = form.codeVersion + code(form.name, settings)
        spec.codeVersion = CodeVersion.of(kind: form.name, settings.value, fields: form.own, code: code)
        do throws(Diagnostic) {
            if !draft.isBroken { draft.definition.work = try work(form, settings, &spec, yielded, of: draft) }
        } catch {
            diagnostics.add(error)
        }
        if draft.isBroken, case .branch = form.maker { spec.role = .branch(Branch(.first, [])) }
        draft.definition.spec = spec
        draft.definition.settings = settings
        if diagnostics.errorCount > before { draft.isBroken = true }
    }

    private mutating func work(
        _ form: KindTable.Form,
        _ settings: Settings,
        _ spec: inout AssetSpec,
        _ yielded: YieldedAsset?,
        of draft: AssetDraft
    ) throws(Diagnostic) -> AssetDefinition.Work {
        switch form.maker {
        case .kind(let recipe):
            let kind = try recipe.make(settings)
            let parts = kind.parts
            spec.parts = parts.isEmpty ? yielded?.spec.parts ?? [:] : parts
            return .materialized(kind)
        case .probe(let recipe):
            let every = try settings.duration("every")
            checkPositive(every, "every", settings)
            return .probed(try recipe.make(settings), every: every)
        case .source:
            if let yielded { spec.codeVersion = yielded.spec.codeVersion }
            guard let source = yielded?.source ?? prefixes.source(of: spec.key)?.name else {
                let wanted = project.sources.filter { $0.source.assetKind == form.name }.map { "'\($0.source.prefix)'" }
                throw Diagnostic(
                    "no source yields '\(spec.key)'",
                    at: draft.keyOrigin,
                    hint: "the key of an asset of the kind \(form.name) begins with \(wanted.alternatives)"
                )
            }
            return .sourced(source)
        case .branch:
            spec.role = .branch(try branch(settings))
            return .branch
        }
    }

    // MARK: Kinds

    /// What can be stated about an asset, or `nil` and a mistake.
    private mutating func form(
        of key: AssetKey,
        _ stated: StatedAsset?,
        _ yielded: YieldedAsset?
    ) -> KindTable.Form? {
        if let stated, let value = stated.value["kind"], !value.isNull {
            guard let kind = value.scalar?.text else {
                diagnostics.error("'kind' has to be the name of a kind, not \(value.description)", at: value.origin)
                return nil
            }
            if let form = table[kind] { return form }
            diagnostics.error(
                "there is no kind of asset '\(kind)'",
                at: value.origin,
                hint: .didYouMean(nearest(kind, among: table.names)) ?? "known are \(table.names.alternatives)"
            )
            return nil
        }
        if let yielded {
            let kind = yielded.spec.labels.kind
            if let form = table[kind] { return form }
            // A source may tell several kinds apart that it all looks at by itself.
            if yielded.spec.isObserved {
                let source = project.sources.first { $0.name == yielded.source }?.source
                return KindTable.Form(kind, .source, .sourced, own: source?.fieldsOfAssets ?? [])
            }
            diagnostics.error(
                "the source '\(yielded.source)' yields '\(key)' of the unknown kind '\(kind)'",
                at: yielded.origin
            )
            return nil
        }
        if let source = prefixes.source(of: key) { return table[source.source.assetKind] }
        diagnostics.error(
            "'\(key)' has no kind",
            at: stated?.keyOrigin ?? Origin(file: ProjectFiles.projectFile),
            hint: "add 'kind:'; known are \(table.names.alternatives)"
        )
        return nil
    }

    /// What a source says about an asset, as if it stood in a file.
    private func layer(of yielded: YieldedAsset) -> RawValue {
        var origin = yielded.origin
        origin.layer = .source
        let spec = yielded.spec
        var entries: [RawEntry] = []
        func add(_ key: String, _ value: RawValue?) {
            if let value { entries.append(RawEntry(key: key, keyOrigin: origin, value: value)) }
        }
        func text(_ text: String) -> RawValue { .text(text, at: origin) }
        func list(_ texts: [String]) -> RawValue? {
            texts.isEmpty ? nil : RawValue(.list(texts.map(text)), at: origin)
        }
        add("kind", text(spec.labels.kind))
        add("deps", list(spec.dependencies.map(\.path)))
        add("description", spec.labels.description.map(text))
        add("group", spec.labels.group.map(text))
        add("owners", list(spec.labels.owners))
        if !spec.labels.tags.isEmpty {
            let tags = spec.labels.tags.sorted { $0.key < $1.key }.map { name, value in
                RawEntry(key: name, keyOrigin: origin, value: text(value))
            }
            add("tags", RawValue(.map(tags), at: origin))
        }
        return RawValue(.map(entries), at: origin)
    }

    // MARK: Defaults

    /// What holds for an asset of a kind that states nothing: of `all:` what applies to it, and the kind's own.
    private mutating func defaults(for form: KindTable.Form) -> RawValue {
        if let known = defaults[form.name] { return known }
        var origin = Origin(file: ProjectFiles.projectFile)
        origin.layer = .defaults
        var merged = RawValue(.map([]), at: origin)
        for entry in project.defaults where entry.key == ProjectFields.allKinds {
            let applying = (entry.value.entries ?? []).filter { field in
                form.fieldsOfDefaults.contains { $0.name == field.key }
            }
            merged = merged.merged(with: RawValue(.map(applying), at: entry.value.origin))
        }
        for entry in project.defaults where entry.key == form.name && entry.value.entries != nil {
            let own = (entry.value.entries ?? []).filter { !KindTable.Form.notInDefaults.contains($0.key) }
            merged = merged.merged(with: RawValue(.map(own), at: entry.value.origin))
        }
        defaults[form.name] = merged
        return merged
    }

    /// Says what is wrong with the defaults, those that apply to no asset included.
    mutating func checkDefaults() {
        for (entries, isChosen) in [(project.defaults, true), (project.otherDefaults, false)] {
            for entry in entries { checkDefaults(entry, isChosen: isChosen) }
        }
    }

    private mutating func checkDefaults(_ entry: RawEntry, isChosen: Bool) {
        guard let inner = entry.value.entries else {
            if entry.value.isNull { return }
            diagnostics.error(
                "the defaults of '\(entry.key)' have to be a mapping, not \(entry.value.description)",
                at: entry.value.origin
            )
            return
        }
        var decoder = ShapeDecoder(names: project.names, isPartial: true, toleratesVariables: !isChosen)
        if entry.key == ProjectFields.allKinds {
            let roles = CommonFields.Role.allCases.flatMap { CommonFields.fields(for: $0) }
            var names: Set<String> = KindTable.Form.notInDefaults
            let fields = roles.filter { names.insert($0.name).inserted }
            _ = decoder.decode(inner, as: fields, at: entry.value.origin, reasons: KindTable.Form.defaultReasons)
        } else if let form = table[entry.key] {
            let reasons = form.reasons.merging(KindTable.Form.defaultReasons) { _, new in new }
            _ = decoder.decode(inner, as: form.fieldsOfDefaults, at: entry.value.origin, reasons: reasons)
        } else {
            let names = table.names + [ProjectFields.allKinds]
            decoder.error(
                "there is no kind of asset '\(entry.key)'",
                at: entry.keyOrigin,
                hint: .didYouMean(nearest(entry.key, among: names)) ?? "known are \(names.alternatives)"
            )
        }
        diagnostics.add(decoder.diagnostics)
    }
}

extension KindTable.Form {
    /// What only an asset itself can state.
    fileprivate static let notInDefaults: Set<String> = ["choose", "choose_all", "key", "kind"]
    fileprivate static let defaultReasons = Dictionary(
        uniqueKeysWithValues: notInDefaults.map { ($0, "only an asset itself can state it") }
    )

    fileprivate var fieldsOfDefaults: [Field] { fields.filter { !Self.notInDefaults.contains($0.name) } }
}

/// Which source a key belongs to.
struct SourcePrefixes {
    /// The longest prefix first.
    private let sources: [SourceDefinition]

    init(_ sources: [SourceDefinition]) {
        self.sources = sources.filter { !$0.source.prefix.isEmpty }.sorted {
            $0.source.prefix.utf8.count > $1.source.prefix.utf8.count
        }
    }

    func source(of key: AssetKey) -> SourceDefinition? { sources.first { key.path.hasPrefix($0.source.prefix) } }
}

extension DefinitionSource {
    /// Of a source whose type is not known.
    var fieldsOfAssets: [Field] { Self.assetFields }
}
