/// Why Power BI answers with an error.
///
/// The bodies marked "observed" in facts §0–§1 are verbatim; the others keep the shape and invent the text.
enum PowerBIRefusal: Error, Hashable, Sendable {
    case alreadyExecuting
    case cancelNotSupported
    case dataflowBusy
    case dataflowNeedsUser
    case detailsNotSupported
    case enhancedOnSharedCapacity
    case entityNotFound(String)
    case invalid(String)
    case notAuthorized(status: Int)
    case notModelBased
    case notOwner
    case queryFailed
    case quotaExceeded
    case servicePrincipalGate
    case tokenExpired(status: Int)
    case tokenMissing
    case tooManyRequests(retryAfter: Int)
    case topOutOfRange

    var reply: Reply {
        switch self {
        case .alreadyExecuting:
            PowerBIRefusal.invalidRequest(
                "Invalid dataset refresh request. Another refresh request is already executing"
            )
        case .cancelNotSupported:
            PowerBIRefusal.invalidRequest("Invalid dataset refresh request. The refresh request cannot be cancelled")
        case .dataflowBusy:
            PowerBIRefusal.error(400, "DataflowRefreshInProgress", "A refresh of the dataflow is already in progress")
        case .dataflowNeedsUser:
            PowerBIRefusal.error(
                400,
                "SPNBasedRefreshNotAllowed",
                "The dataflow cannot be refreshed by a service principal"
            )
        case .detailsNotSupported:
            PowerBIRefusal.invalidRequest(
                "Invalid dataset refresh request. Execution details are available for enhanced refreshes only"
            )
        case .enhancedOnSharedCapacity:
            PowerBIRefusal.invalidRequest(
                "Invalid dataset refresh request. Enhanced refresh is not supported for datasets on shared capacity"
            )
        case .entityNotFound(let what): PowerBIRefusal.nested(404, "PowerBIEntityNotFound", [("Message", what)])
        case .invalid(let message): PowerBIRefusal.invalidRequest(message)
        case .notAuthorized(let status): PowerBIRefusal.nested(status, "PowerBINotAuthorizedException", [])
        case .notModelBased:
            PowerBIRefusal.error(
                415,
                "InvalidRequest",
                "Invalid dataset. This API can only be called on a Model-based dataset"
            )
        case .notOwner:
            PowerBIRefusal.error(403, "Unauthorized", "This operation is only supported for the dataset owner")
        case .queryFailed:
            PowerBIRefusal.nested(
                400,
                "DatasetExecuteQueriesError",
                [("DetailsMessage", "Failed to execute the DAX query."), ("AnalysisServicesErrorCode", "3239575574")]
            )
        case .quotaExceeded:
            PowerBIRefusal.invalidRequest(
                "Invalid dataset refresh request. Number of refresh requests in last 24 hours exceeded limit"
            )
        case .servicePrincipalGate: Reply(403, json: ["Message": "API is not accessible for application"])
        case .tokenExpired(let status):
            PowerBIRefusal.error(
                status,
                "TokenExpired",
                "Access token has expired, resubmit with a new access token"
            )
        case .tokenMissing: Reply(401, headers: [("www-authenticate", "Bearer")])
        case .tooManyRequests(let seconds):
            Reply(
                429,
                json: [
                    "message": .string(
                        "You have exceeded the amount of requests allowed in the current time frame and further "
                            + "requests will fail. Retry in \(seconds) seconds."
                    )
                ],
                headers: [("Retry-After", String(seconds))]
            )
        case .topOutOfRange: PowerBIRefusal.error(400, "BadRequest", "The value of '$top' must be a number from 1")
        }
    }

    private static func invalidRequest(_ message: String) -> Reply { error(400, "InvalidRequest", message) }

    private static func error(_ status: Int, _ code: String, _ message: String) -> Reply {
        Reply(status, json: ["error": ["code": .string(code), "message": .string(message)]])
    }

    /// The shape with a `pbi.error` inside.
    private static func nested(_ status: Int, _ code: String, _ details: [(code: String, value: String)]) -> Reply {
        let details: [JSON] = details.map {
            ["code": .string($0.code), "detail": ["type": 1, "value": .string($0.value)]]
        }
        let inner: JSON = [
            "code": .string(code), "details": .array(details), "exceptionCulprit": 1, "parameters": [:],
        ]
        return Reply(status, json: ["error": ["code": .string(code), "pbi.error": inner]])
    }
}
