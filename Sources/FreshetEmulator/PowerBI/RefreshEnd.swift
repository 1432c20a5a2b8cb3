/// How a refresh ends.
struct RefreshEnd: Codable, Hashable, Sendable {
    /// The coarse word, in history and details.
    ///
    /// The set is open: a client must survive one it does not know.
    var status: String
    /// The fine word, in enhanced refreshes only.
    var extendedStatus: String
    var failure: RefreshFailure?

    static let cancelled = RefreshEnd(status: "Cancelled", extendedStatus: "Cancelled")
    static let completed = RefreshEnd(status: "Completed", extendedStatus: "Completed")
    /// The pairing of the two words is not confirmed by any record (facts §9).
    static let timedOut = RefreshEnd(status: "Failed", extendedStatus: "TimedOut", failure: .timedOut)

    static func failed(_ failure: RefreshFailure) -> RefreshEnd {
        RefreshEnd(status: "Failed", extendedStatus: "Failed", failure: failure)
    }

    /// The end a script names by one word, for example `Disabled`.
    static func scripted(_ word: String, _ failure: RefreshFailure?) -> RefreshEnd {
        switch word {
        case "Failed": .failed(failure ?? .processing)
        case "TimedOut":
            RefreshEnd(status: "Failed", extendedStatus: "TimedOut", failure: failure ?? .timedOut)
        default: RefreshEnd(status: word, extendedStatus: word, failure: failure)
        }
    }
}

/// What went wrong in a refresh, in the forms the service tells it.
struct RefreshFailure: Codable, Hashable, Sendable {
    /// `errorCode` of `serviceExceptionJson`.
    var code: String
    /// `errorDescription` of `serviceExceptionJson`; engine messages, joined by line breaks.
    var description: String?
    /// What `messages[]` of the details says; the description when nil.
    var message: String?
    /// The engine's code of that message, for example `0xC11C0020`.
    var messageCode: String?
    /// The table it happened in, when it was one.
    var table: String?
    /// The whole of `serviceExceptionJson`, for errors that embed a `pbi.error`.
    var exception: JSON?

    /// A string containing JSON, as the service double-encodes it.
    var serviceExceptionJSON: String {
        if let exception { return exception.text }
        var members: [String: JSON] = ["errorCode": .string(code)]
        if let description { members["errorDescription"] = .string(description) }
        return JSON.object(members).text
    }

    var messages: JSON {
        var entry: [String: JSON] = ["type": "Error", "message": .string(message ?? description ?? code)]
        if let messageCode { entry["code"] = .string(messageCode) }
        return [.object(entry)]
    }

    static let processing = RefreshFailure(
        code: "ModelRefresh_ShortMessage_ProcessingError",
        description: "0xC112001C: Expression.Error: The key didn't match any rows in the table.\n"
            + "0xC11C0006: The current operation was cancelled because another operation in the transaction failed.",
        messageCode: "0xC112001C"
    )

    static let timedOut = RefreshFailure(
        code: "ModelRefresh_ShortMessage_ProcessingError",
        description: "The refresh operation timed out."
    )

    static let credentialsMissing = RefreshFailure(code: "ModelRefreshFailed_CredentialsNotSpecified")

    /// Verbatim from the swagger's example, which carries no code.
    static let policyNeedsTransaction = RefreshFailure(
        code: "ModelRefresh_ShortMessage_ProcessingError",
        message: "RefreshApiRequest for table refresh using refresh policy must have the property 'CommitMode' = "
            + "'Transactional' instead of 'PartialBatch'."
    )

    /// The service's own wording is not on record (facts §9).
    static func partitionOfPolicyTable(_ table: String) -> RefreshFailure {
        RefreshFailure(
            code: "ModelRefresh_ShortMessage_ProcessingError",
            message: "A partition of table '\(table)' cannot be refreshed while its refresh policy is applied.",
            table: table
        )
    }

    /// The service's own wording is not on record (facts §9).
    static func missing(_ target: RefreshRequest.Target) -> RefreshFailure {
        let table = "table '\(target.table)'"
        let object = target.partition.map { "partition '\($0)' of \(table)" } ?? table
        return RefreshFailure(
            code: "ModelRefresh_ShortMessage_ProcessingError",
            message: "The \(object) does not exist in the model.",
            messageCode: "0xC1000016"
        )
    }
}

extension RefreshFailure {
    /// Reads the `error` of a script.
    init(_ json: JSON) {
        self = RefreshFailure(
            code: json["code"]?.string ?? RefreshFailure.processing.code,
            description: json["description"]?.string,
            message: json["message"]?.string,
            messageCode: json["message_code"]?.string,
            table: json["table"]?.string,
            exception: json["exception"]
        )
    }
}
