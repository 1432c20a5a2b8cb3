/// What the remote system says of one refresh: an entry of its history, or its details.
///
/// Every word is kept as it was written; the service adds new ones without notice.
///
/// - SeeAlso: Power BI REST API, *Get Refresh History* and *Get Refresh Execution Details*.
package struct RefreshRecord: Hashable, Sendable {
    /// Absent in details, whose address names it.
    package var requestID: String?
    /// Who asked for it, such as `ViaEnhancedApi` or `Scheduled`.
    package var source: String?
    /// How it processes, such as `Full`.
    package var type: String?
    package var commitMode: String?
    package var startedAt: Timestamp?
    package var endedAt: Timestamp?
    package var status: String?
    /// Says more than `status` while a refresh runs; only for enhanced refreshes.
    package var extendedStatus: String?
    package var objects: [RefreshObject]
    package var attempts: [RefreshAttempt]
    package var messages: [RefreshMessage]
    package var fault: RefreshFault?

    package init(
        requestID: String? = nil,
        source: String? = nil,
        type: String? = nil,
        commitMode: String? = nil,
        startedAt: Timestamp? = nil,
        endedAt: Timestamp? = nil,
        status: String? = nil,
        extendedStatus: String? = nil,
        objects: [RefreshObject] = [],
        attempts: [RefreshAttempt] = [],
        messages: [RefreshMessage] = [],
        fault: RefreshFault? = nil
    ) {
        self.requestID = requestID
        self.source = source
        self.type = type
        self.commitMode = commitMode
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.status = status
        self.extendedStatus = extendedStatus
        self.objects = objects
        self.attempts = attempts
        self.messages = messages
        self.fault = fault
    }
}

/// A table or partition that a refresh works on.
package struct RefreshObject: Hashable, Sendable {
    package var table: String
    /// `nil` for the whole table.
    package var partition: String?
    package var status: String?

    package init(table: String, partition: String? = nil, status: String? = nil) {
        self.table = table
        self.partition = partition
        self.status = status
    }

    /// `table` or `table/partition`, as in ``RemoteOperation/objects``.
    package var name: String { partition.map { "\(table)/\($0)" } ?? table }
}

/// One try of the service's own.
package struct RefreshAttempt: Hashable, Sendable {
    package var number: Int?
    package var startedAt: Timestamp?
    package var endedAt: Timestamp?
    /// `Data`, or `Query` for the filling of caches after it.
    package var type: String?
    package var fault: RefreshFault?

    package init(
        number: Int? = nil,
        startedAt: Timestamp? = nil,
        endedAt: Timestamp? = nil,
        type: String? = nil,
        fault: RefreshFault? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.type = type
        self.fault = fault
    }
}

package struct RefreshMessage: Hashable, Sendable {
    /// Such as `0xC11C0020`.
    package var code: String?
    package var text: String
    /// `Error` or `Warning`.
    package var severity: String?

    package init(code: String? = nil, text: String, severity: String? = nil) {
        self.code = code
        self.text = text
        self.severity = severity
    }
}

/// What the service calls a *service exception*, decoded.
package struct RefreshFault: Hashable, Sendable {
    /// Such as `ModelRefreshFailed_CredentialsNotSpecified`.
    package var code: String?
    /// The engine's messages, one a line; the cause underneath them first, where it is told.
    package var description: String?
    /// Further words of the service, by its own name for each, such as `DM_ErrorDetailNameCode_UnderlyingErrorCode`.
    package var details: [String: String]

    package init(code: String? = nil, description: String? = nil, details: [String: String] = [:]) {
        self.code = code
        self.description = description
        self.details = details
    }
}

/// One page of history.
package struct RefreshHistory: Hashable, Sendable {
    /// The newest first.
    package var entries: [RefreshRecord]
    /// The request ids that other operations of ours go by.
    package var ownedIDs: Set<String>

    package init(_ entries: [RefreshRecord], ownedIDs: Set<String> = []) {
        self.entries = entries
        self.ownedIDs = ownedIDs
    }

    package subscript(id: String) -> RefreshRecord? {
        entries.first { $0.requestID?.lowercased() == id.lowercased() }
    }
}
