internal import CPostgres

extension PostgreSQLSession {
    /// - SeeAlso: `pg_type.dat` of PostgreSQL, where the numbers of its own types are fixed.
    private enum TypeNumber {
        static let numbers: Set<UInt32> = [20, 21, 23, 700, 701, 1700]
        static let timestamp: UInt32 = 1114
        static let timestampWithZone: UInt32 = 1184
    }

    static func rows(of answer: OpaquePointer) -> [[SQLValue]] {
        let columns = 0..<PQnfields(answer)
        return (0..<PQntuples(answer)).map { row in
            columns.map { column in
                guard PQgetisnull(answer, row, column) == 0, let text = PQgetvalue(answer, row, column) else {
                    return .null
                }
                return value(String(cString: text), type: PQftype(answer, column))
            }
        }
    }

    /// Reads what the server writes under the session's settings.
    static func value(_ text: String, type: UInt32) -> SQLValue {
        switch type {
        case _ where TypeNumber.numbers.contains(type): .number(text)
        case TypeNumber.timestamp: .text(text.replacing(" ", with: "T", maxReplacements: 1))
        case TypeNumber.timestampWithZone where text.hasSuffix("+00"):
            .text(text.dropLast(3).replacing(" ", with: "T", maxReplacements: 1) + "Z")
        default: .text(text)
        }
    }
}
