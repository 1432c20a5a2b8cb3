import FreshetCore
import FreshetKit
import Logging

/// One line an event on standard error: time in UTC, level, message; secrets taken out.
struct LineLog: LogHandler {
    var redactor: Redactor
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    init(redactor: Redactor) { self.redactor = redactor }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let text = redactor.redact("\(event.message)").replacing("\n", with: " ")
        let extra = (event.metadata ?? [:]).sorted { $0.key < $1.key }
            .map { " \($0.key)=" + redactor.redact("\($0.value)") }.joined()
        let time = Wiring.clock.now.iso8601
        Output.write("\(time) \(event.level.rawValue) \(text)\(extra)\n", to: 2)
    }
}
