internal import FreshetCore
internal import FreshetKit

/// What of an answer is compared.
enum HTTPSignal: String, CaseIterable, Sendable {
    case bodyHash = "body_hash"
    case etag
    case jsonPointer = "json_pointer"
    case lastModified = "last_modified"

    var caveats: Caveats {
        switch self {
        case .bodyHash: Caveats(.exact, criesWolf: ["a time or a number of the request that is part of the answer"])
        case .etag:
            Caveats(
                .exact,
                criesWolf: [
                    "a tag that another server of the same address makes otherwise",
                    "a redirect that leads to another address",
                ]
            )
        case .jsonPointer:
            Caveats(
                .probable,
                misses: [
                    "a change of anything but the value of the pointer", "a digit of a number behind its sixteenth",
                ]
            )
        case .lastModified:
            Caveats(
                .probable,
                misses: ["a second change within one second", "a change by a server that keeps the old time"],
                criesWolf: ["the same bytes written again", "a redirect that leads to another address"]
            )
        }
    }
}

/// What an answer says of the version.
struct HTTPSight: Hashable, Sendable {
    var signal: HTTPSignal
    var version: String
    /// As it is shown.
    var value: String
    var strength: Strength

    struct Failure: Error {
        /// One sentence without a full stop.
        var words: String
    }

    func describe(_ observation: inout Observation) {
        observation.version = .known(DataVersion("\(signal.rawValue)=\(version)"))
        observation.signal = signal.rawValue
        observation.strength = strength
        observation.values = [signal.rawValue: .text(value)]
    }

    /// Reads an answer with the status 200; without a signal by what is exact in it: a strong tag, else all of it.
    static func read(
        _ response: HTTPResponse,
        from place: HTTPPlace?,
        by signal: HTTPSignal?,
        _ pointer: JSONPointer?
    ) -> Result<HTTPSight, Failure> {
        let etag = response.headers["ETag"].flatMap { $0.isEmpty ? nil : $0 }
        // A weak tag stays the same while the bytes differ, as long as the server takes them for equivalent.
        let isWeak = etag?.hasPrefix("W/") ?? true
        switch signal ?? (isWeak ? .bodyHash : .etag) {
        case .etag:
            guard let etag else { return .failure(Failure(words: "the answer has no ETag; choose another 'signal'")) }
            let version = HTTPPlace.sign(etag, with: place)
            let strength: Strength = isWeak ? .probable : .exact
            return .success(HTTPSight(signal: .etag, version: version, value: etag, strength: strength))
        case .lastModified:
            guard let time = response.headers["Last-Modified"], !time.isEmpty else {
                return .failure(Failure(words: "the answer has no Last-Modified; choose another 'signal'"))
            }
            let version = HTTPPlace.sign(time, with: place)
            return .success(HTTPSight(signal: .lastModified, version: version, value: time, strength: .probable))
        case .bodyHash:
            let hash = SHA256.hexadecimal(of: response.body)
            return .success(HTTPSight(signal: .bodyHash, version: hash, value: hash, strength: .exact))
        case .jsonPointer:
            guard let document = try? JSONValue(parsing: response.body) else {
                return .failure(Failure(words: "the answer is not JSON"))
            }
            guard let pointer, let value = pointer.value(in: document) else {
                return .failure(Failure(words: "there is nothing at \(pointer?.text ?? "the pointer") in the answer"))
            }
            let text = value.serialized()
            let hash = SHA256.hexadecimal(of: Array(text.utf8))
            let shown = value.text ?? String(text.prefix(200))
            return .success(
                HTTPSight(signal: .jsonPointer, version: hash, value: String(shown.prefix(200)), strength: .probable)
            )
        }
    }
}

/// What makes the next request a conditional one.
struct HTTPMemory {
    private let settings: String
    let sight: HTTPSight
    /// Where the answer came from: what follows holds there, and nowhere else.
    let place: HTTPPlace?
    private var etag: String?
    private var lastModified: String?

    init(_ sight: HTTPSight, from place: HTTPPlace?, _ headers: HTTPHeaders, settings: String) {
        self.settings = settings
        self.sight = sight
        self.place = place
        etag = headers["ETag"]
        lastModified = headers["Last-Modified"]
    }

    /// - Returns: `nil` for a cursor that is none, or was made under other settings.
    init?(cursor: String?, settings: String) {
        // An unreadable cursor is none: the next request asks for everything.
        guard let cursor, let saved = try? JSONValue(parsing: cursor), saved["settings"]?.text == settings,
            let signal = saved["signal"]?.text.flatMap(HTTPSignal.init(rawValue:)),
            let version = saved["version"]?.text, let value = saved["value"]?.text,
            let strength = saved["strength"]?.text.flatMap(Strength.init(rawValue:))
        else { return nil }
        self.settings = settings
        sight = HTTPSight(signal: signal, version: version, value: value, strength: strength)
        place = saved["place"]?.text.map { HTTPPlace(mark: $0) }
        etag = saved["etag"]?.text
        lastModified = saved["last_modified"]?.text
    }

    /// Only a strong tag, or for the signals that go by it any: others could say "the same" of other bytes.
    var conditions: HTTPHeaders {
        var conditions: HTTPHeaders = [:]
        if let etag, !etag.hasPrefix("W/") || sight.signal == .etag {
            conditions["If-None-Match"] = etag
        } else if let lastModified, sight.signal == .lastModified {
            conditions["If-Modified-Since"] = lastModified
        }
        return conditions
    }

    var cursor: String {
        var saved: [String: JSONValue] = [
            "settings": .text(settings), "signal": .text(sight.signal.rawValue), "version": .text(sight.version),
            "value": .text(sight.value), "strength": .text(sight.strength.rawValue),
        ]
        saved["place"] = place.map { .text($0.mark) }
        saved["etag"] = etag.map { .text($0) }
        saved["last_modified"] = lastModified.map { .text($0) }
        return JSONValue.object(saved).serialized()
    }
}
