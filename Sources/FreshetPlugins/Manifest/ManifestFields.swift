package import FreshetKit

/// What `plugin.yaml` can state; the decoder and the messages are made from it.
package enum ManifestFields {
    package static let all: [Field] = [
        Field("plugin", .text, required: true, "The plugin's name: that of its folder."),
        Field("summary", .text, required: true, "What it is for, in one sentence."),
        Field(
            "command",
            .list(.text),
            required: true,
            "The program and its arguments: './name' is a file of the plugin, '{field}' the value of a field."
        ),
        Field(
            "environment",
            .map(.text),
            default: "{}",
            "What the program sees beside PATH, HOME, TMPDIR, LANG and TZ; may hold ${env:NAME}."
        ),
        Field(
            "secrets",
            .map(.secret),
            default: "{}",
            "References such as ${secret:env/KEY}; each is handed over as a file whose path the variable of that name tells."
        ),
        Field("limits", .object(limits), default: "{}", "How much the program may use, with all that it starts."),
        Field(
            "transport",
            .choice(PipesTransport.allCases.map(\.rawValue)),
            default: PipesTransport.file.rawValue,
            "How its messages come: in a file, or among the lines that it writes."
        ),
        Field(
            "requires",
            .list(.list(.text)),
            default: "[]",
            "Commands that have to end with status 0 where the plugin can be used, such as [python3, -c, import duckdb]."
        ),
        Field("kinds", .list(.object(kind)), default: "[]", "Kinds of assets that it materializes."),
        Field("probes", .list(.object(probe)), default: "[]", "Kinds of assets that it looks at, one at a time."),
        Field("checks", .list(.object(entry)), default: "[]", "Kinds of assets that check others and make nothing."),
        Field(
            "sensors",
            .list(.object(sensor)),
            default: "[]",
            "Sources that look at many assets at once, with a cursor."
        ),
        Field("tests", .list(.object(test)), default: "[]", "What 'freshet plugin check' runs."),
    ]

    /// What a field of a plugin may be given, before its own shape is asked.
    private static let anyValue = Shape.anyOf([
        .boolean, .integer(Int.min...Int.max), .number(-1e300...1e300), .text, .list(.text), .map(.text),
    ])

    static let limits: [Field] = [
        Field("time", .duration, default: "5m", "From its start to its end."),
        Field("grace", .duration, default: "10s", "From being asked to end to being ended."),
        Field("memory", .text, default: "2GB", "Of all its processes together, and of each."),
        Field("processes", .integer(1...100_000), default: "64", "How many there may be at once."),
        Field("output", .text, default: "10MB", "What is kept of what it writes; of the rest, only the end."),
        Field("messages", .text, default: "64MB", "How much it may report; beyond that it fails."),
        Field("open_files", .integer(16...1_000_000), default: "1024", "Of each process."),
        Field("file_size", .text, default: "1GB", "Of each file that it writes."),
    ]

    static let entry: [Field] = [
        Field(
            "kind",
            .text,
            required: true,
            "The name in definition files: the plugin's name, or that and a dot and a word."
        ),
        Field("summary", .text, required: true, "What it is, in one sentence."),
        Field("fields", .map(.object(field)), default: "{}", "What an asset of this kind can state."),
        Field(
            "examples",
            .list(.map(anyValue)),
            default: "[]",
            "Fields that have to be right."
        ),
        Field("command", .list(.text), "The program, where it is not the plugin's."),
    ]

    static let kind =
        entry + [
            Field(
                "on_silent_success",
                .choice(SilentSuccess.allCases.map(\.rawValue)),
                default: SilentSuccess.error.rawValue,
                "What it means when the program ends well and reports nothing."
            ),
            Field("checks", .list(.text), default: "[]", "The checks that it makes."),
        ]

    static let probe =
        entry + [
            Field("signal", .text, default: "data_version", "What is looked at, such as row_count."),
            Field(
                "strength",
                .choice(["exact", "probable", "heuristic"]),
                default: "heuristic",
                "How far the version can be trusted."
            ),
            Field("misses", .list(.text), default: "[]", "Changes that it does not see."),
            Field("cries_wolf", .list(.text), default: "[]", "What moves it although nothing changed."),
        ]

    static let sensor =
        probe + [Field("every", .duration, default: "1m", "How often it looks, where nothing else is stated.")]

    static let field: [Field] = [
        Field("type", .choice(FieldType.allCases.map(\.rawValue)), default: "text", "What a value looks like."),
        Field("of", .choice(FieldType.scalars.map(\.rawValue)), "What stands in a list or map."),
        Field("values", .list(.text), "The words of a choice."),
        Field("required", .boolean, default: "false", "Whether each asset has to state it."),
        Field(
            "default",
            anyValue,
            "What holds where nobody states it."
        ),
        Field("summary", .text, default: "\"\"", "What it is, in one sentence."),
        Field("alters_work", .boolean, default: "true", "Whether another value means another result."),
        Field(
            "code",
            .boolean,
            default: "false",
            "Whether the file that a path names is part of the program: another content then means another result."
        ),
    ]

    static let test: [Field] = [
        Field("name", .text, required: true, "What is tested."),
        Field("kind", .text, required: true, "One of the plugin's kinds."),
        Field("with", .map(anyValue), default: "{}", "Its fields."),
        Field(
            "secrets",
            .map(.text),
            default: "{}",
            "What stands in for its secrets, which a test should not need."
        ),
        Field("cursor", .text, "Where the look begins, for a probe or sensor."),
        Field(
            "expect",
            .choice(TestExpectation.allCases.map(\.rawValue)),
            required: true,
            "How it has to end."
        ),
        Field("message", .text, "What the message has to contain."),
    ]
}

/// What it means when a program ends well and has reported nothing about its asset.
package enum SilentSuccess: String, CaseIterable, Sendable {
    /// It has done its work.
    case materialized
    /// Nothing had to be done.
    case unchanged
    /// It is not known what it has done: the step fails.
    case error
}

package enum TestExpectation: String, CaseIterable, Sendable {
    case failed
    case materialized
    case missing
    case observed
    case unchanged
    case unknown
}

/// The types of a plugin's fields, as its file names them.
package enum FieldType: String, CaseIterable, Sendable {
    case assetKey = "asset_key"
    case boolean
    case choice
    case duration
    case integer
    case list
    case map
    case number
    /// Relative to the project's folder; the program is told the absolute one.
    case path
    case text

    static let scalars: [FieldType] = [.assetKey, .boolean, .duration, .integer, .number, .path, .text]

    /// The shape, but for what turns on other words of the declaration.
    func shape(of inner: FieldType?, values: [String]) -> Shape {
        switch self {
        case .assetKey: .assetKey
        case .boolean: .boolean
        case .choice: .choice(values)
        case .duration: .duration
        case .integer: .integer(Int.min...Int.max)
        case .list: .oneOrMore((inner ?? .text).shape(of: nil, values: []))
        case .map: .map((inner ?? .text).shape(of: nil, values: []))
        case .number: .number(-Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
        case .path, .text: .text
        }
    }
}
