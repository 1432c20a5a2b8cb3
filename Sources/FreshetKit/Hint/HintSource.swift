/// Where hints come from by asking for them, such as a queue.
///
/// To add one, write one file that conforms, and add its type to the target's `Catalog.swift`. What is pushed to
/// Freshet needs none: it is handed to the engine as it comes.
public protocol HintSource: Configurable {
    init(from settings: Settings) throws(Diagnostic)

    /// Unique in the project, such as `sqs/freshet-events`.
    var label: String { get }

    /// What there is; waits for the first message for as long as `patience` says, and not at all at zero.
    ///
    /// A message stays with its system until it is acknowledged, and comes again some time after it was given out. So a
    /// crash between the two costs a second look.
    ///
    /// - Returns: at most what one answer of the system holds; empty when nothing came.
    /// - Throws: any error of the system behind it; it is asked again later.
    func receive(waiting patience: Duration, in context: ProbeContext) async throws -> [HintMessage]

    /// Takes messages out of the system: what they led to has been committed, or they will never lead to anything.
    ///
    /// - Throws: any error of the system behind it; the messages then come again.
    func acknowledge(_ messages: [HintMessage], in context: ProbeContext) async throws
}

/// A message as it came, and what it says.
public struct HintMessage: Hashable, Sendable {
    /// What the system wants back for its acknowledgement.
    public var receipt: String
    /// How often it has been given out, this time included.
    public var receives: Int
    public var content: Content

    public enum Content: Hashable, Sendable {
        /// May be empty: a test event, or one of a kind that nothing follows from.
        case hints([Hint])
        /// Nothing could be made of it; one sentence without a full stop.
        case malformed(String)
    }

    public init(receipt: String, receives: Int = 1, _ content: Content) {
        self.receipt = receipt
        self.receives = receives
        self.content = content
    }

    public var hints: [Hint] { if case .hints(let hints) = content { hints } else { [] } }
}

/// A source of hints as a project states it.
public struct HintSourceDefinition: Sendable {
    public var source: any HintSource
    public var settings: Settings

    public init(source: any HintSource, settings: Settings) {
        self.source = source
        self.settings = settings
    }

    /// Its label, unique in the project.
    public var name: String { source.label }
}
