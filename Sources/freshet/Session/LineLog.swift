import FreshetCore
import FreshetKit
import Logging

/// One line an event on standard error: time in UTC, level, message; as text or as a JSON object; secrets taken out.
struct LineLog: LogHandler {
    private let redactor: Redactor
    private let asJSON: Bool
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    init(redactor: Redactor, asJSON: Bool) {
        self.redactor = redactor
        self.asJSON = asJSON
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let text = redactor.redact("\(event.message)").replacing("\n", with: " ")
        let extra = (event.metadata ?? [:]).sorted { $0.key < $1.key }
            .map { " \($0.key)=" + redactor.redact("\($0.value)") }.joined()
        let time = Wiring.clock.now.iso8601
        guard asJSON else { return Output.write("\(time) \(event.level.rawValue) \(text)\(extra)\n", to: 2) }
        let line: JSONValue = [
            "time": .text(time), "level": .text(event.level.rawValue), "message": .text(text + extra),
        ]
        Output.write(line.serialized() + "\n", to: 2)
    }
}
