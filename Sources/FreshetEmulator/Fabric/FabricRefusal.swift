/// Why Fabric answers with an error: a flat body, and its code in a header too (facts §0.1).
struct FabricRefusal: Error, Hashable, Sendable {
    var status: Int
    var code: String
    var message: String

    static func notFound(_ message: String) -> FabricRefusal {
        FabricRefusal(status: 404, code: "EntityNotFound", message: message)
    }

    static func invalid(_ message: String) -> FabricRefusal {
        FabricRefusal(status: 400, code: "InvalidInput", message: message)
    }

    static let tokenExpired = FabricRefusal(
        status: 401,
        code: "TokenExpired",
        message: "Access token has expired, resubmit with a new access token"
    )
    static let tokenInvalid = FabricRefusal(
        status: 401,
        code: "InvalidToken",
        message: "Access token is invalid"
    )
    static let forbidden = FabricRefusal(
        status: 403,
        code: "InsufficientPrivileges",
        message: "The caller does not have sufficient permissions to perform this operation"
    )

    /// The answer, which shows the id of the request in its body and in a header.
    func reply(requestID: String) -> Reply {
        Reply(
            status,
            json: [
                "errorCode": .string(code), "isRetriable": false, "message": .string(message), "moreDetails": [],
                "requestId": .string(requestID),
            ],
            headers: [("RequestId", requestID), ("x-ms-public-api-error-code", code)]
        )
    }
}
