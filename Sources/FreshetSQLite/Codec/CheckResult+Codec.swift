import FreshetCore

extension CheckResult {
    /// The words of the column `status`.
    enum Status: String {
        case failed
        case passed
    }

    var status: Status { isPassed ? .passed : .failed }

    /// The column `details`: what is said, and the figures.
    var document: String { JSONText.write(["figures": details, "message": .text(message)]) }

    init(name: String, severity: Severity, status: Status, document: String) throws(CodecError) {
        let members = try JSONText.parse(document)
        self.init(
            name: name,
            severity: severity,
            isPassed: status == .passed,
            message: try members.requiredText("message", of: "check"),
            details: members["figures"] ?? .object([:])
        )
    }
}
