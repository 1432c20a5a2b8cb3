internal import FreshetKit

/// What `freshet.yaml` can state; the decoder and the JSON Schema are made from it.
enum ProjectFields {
    /// The kinds' own fields are not in the shapes of `connections`, `defaults`, `hints`, `secrets` and `sources`: the
    /// catalog adds them.
    static let all: [Field] = [
        Field("project", .text, required: true, "The project's name: letters, digits, '_', '-' and '.'."),
        Field("timezone", .text, default: "UTC", "The IANA zone of times of day, such as Europe/Berlin."),
        Field("store", .text, default: ".freshet/freshet.db", "Where Freshet keeps what it knows: a path or a URL."),
        Field("default_environment", .text, "The environment that applies where nobody names one."),
        Field("environments", .map(.object(environment)), "What differs from place to place, by name."),
        Field("vars", .map(.text), "What ${var:name} stands for; an environment may state it otherwise."),
        Field("secrets", .map(.object([])), "The backends that keep secrets, by the name that references begin with."),
        Field("connections", .map(.object([])), "The systems that assets share, by name."),
        Field("sources", .list(.object([])), "What yields assets: a list of mappings with one key, the source's kind."),
        Field(
            "hints",
            .list(.object([])),
            "What says that there may be news: a list of mappings with one key, the kind."
        ),
        Field("hooks", .map(.object(hook)), "Who may say by POST /hooks/<name> that there may be news, by name."),
        Field("defaults", .map(.object([])), "What holds for every asset of a kind that states nothing else."),
        Field("server", .object(server), "Where the daemon's API and its pages are found."),
        Field(
            "pools",
            .map(.anyOf([.integer(1...10_000), .object(pool)])),
            "How many attempts may run at once, by pool; as a mapping also how many may begin in a minute."
        ),
    ]

    static let server: [Field] = [
        Field(
            "checkup_every",
            .duration,
            default: "1d",
            "How often the daemon looks at connections, credentials and certificates as 'freshet doctor' does."
        ),
        Field(
            "external_url",
            .text,
            "What browsers open where another name leads here, such as https://freshet.example.com."
        ),
        Field(
            "listen",
            .text,
            default: ListenAddress.standard.description,
            "The address and port of the API and the pages; 'off' leaves only the socket beside the store."
        ),
        Field("oidc", .object(oidc), "The identity provider that people sign in with, beside passwords."),
        Field(
            "requests_per_minute",
            .integer(60...1_000_000),
            default: "3000",
            "How many requests each token may make in a minute; what is beyond is answered 429."
        ),
        Field("session_idle", .duration, default: "12h", "How long a browser stays signed in without being used."),
        Field("session_life", .duration, default: "7d", "How long it stays signed in however much it is used."),
        Field("tls", .object(tls), "The certificate that the port shows; without it a proxy in front has to have one."),
        Field(
            "trusted_proxies",
            .oneOrMore(.text),
            "The addresses of proxies in front that end TLS; what they say of clients is believed."
        ),
    ]

    private static let tls: [Field] = [
        Field(
            "certificate",
            .text,
            required: true,
            "A PEM file, from the project's folder: the server's certificate, then those that lead to a root."
        ),
        Field("key", .text, required: true, "The PEM file of its private key, not encrypted."),
    ]

    private static let oidc: [Field] = [
        Field("client_id", .text, required: true, "How the provider knows Freshet."),
        Field("client_secret", .secret, "What Freshet shows the provider; without it PKCE alone protects."),
        Field(
            "default_role",
            .choice(["viewer", "operator", "admin"]),
            "The role of who is in none of the groups; without it they are kept out."
        ),
        Field("groups_claim", .text, default: "groups", "The claim that lists groups; 'roles' for Entra's app roles."),
        Field("issuer", .text, required: true, "The provider as its tokens name it, to the letter."),
        Field("label", .text, default: "single sign-on", "What the button says, such as Entra ID."),
        Field("roles", .object(roles), "The groups, as the claim has them, of each role."),
        Field("scopes", .oneOrMore(.text), default: "[profile, email]", "What is asked for besides openid."),
    ]

    private static let roles: [Field] = [
        Field("admin", .oneOrMore(.text), "The groups of administrators."),
        Field("operator", .oneOrMore(.text), "The groups of operators."),
        Field("viewer", .oneOrMore(.text), "The groups of viewers."),
    ]

    static let hook: [Field] = [
        Field(
            "assets",
            .text,
            "A selection of what is looked at; a delivery that names some of them has only those looked at."
        ),
        Field(
            "kind",
            .choice(HookDefinition.Kind.allCases.map(\.rawValue)),
            required: true,
            "Whose manner of signing it is; 'plain' is that of Standard Webhooks."
        ),
        Field(
            "origins",
            .oneOrMore(.text),
            "Of cloudevents: the sites whose handshake is answered, such as eventgrid.azure.net."
        ),
        Field(
            "per_minute",
            .integer(1...6000),
            default: String(HookDefinition.defaultPerMinute),
            "How many signed deliveries are taken in a minute; what is beyond is answered 429."
        ),
        Field(
            "secret",
            .oneOrMore(.secret),
            "What deliveries are signed with; two while one takes the place of the other. SNS has none."
        ),
        Field("sensor", .text, "The name of a sensor that looks at every delivery."),
        Field("topics", .oneOrMore(.text), "Of sns: the ARNs of the topics that may send."),
    ]

    static let pool: [Field] = [
        Field("slots", .integer(1...10_000), "How many attempts may run at once."),
        Field("starts_per_minute", .integer(1...10_000), "How many attempts may begin in a minute, evenly."),
    ]

    static let environment: [Field] = [
        Field("vars", .map(.text), "What ${var:name} stands for here."),
        Field(
            "mode",
            .choice(Project.Mode.allCases.map(\.rawValue)),
            default: "act",
            "Whether Freshet acts, or only decides and posts nothing."
        ),
        Field("secrets", .map(.object([])), "What differs of the secrets' backends, merged over them."),
        Field("connections", .map(.object([])), "What differs of the connections, merged over them."),
        Field("defaults", .map(.object([])), "What differs of the defaults, merged over them."),
    ]

    /// The defaults of every kind, in the place of a kind's name.
    static let allKinds = "all"

    static let connectionKind = Field("kind", .text, required: true, "What the connection leads to.")

    /// What every backend of secrets can state beside its own fields.
    static let secretBackend = [
        Field("kind", .text, required: true, "What keeps the secrets."),
        Field(
            "cache",
            .duration,
            default: "5m",
            "How long a value is kept in memory; at most 5m, and 0s for not at all."
        ),
    ]

    static let longestCache = Duration.seconds(300)

    /// What an asset file can state.
    static let assetFile = [
        Field("assets", .list(.object([])), required: true, "The assets of this file.")
    ]
}
