import CSQLite

/// Reads the row that a statement stands at with SQLite's own calls.
///
/// What wraps them reads a text as far as its first NUL, and mends what is not UTF-8.
enum SQLiteCells {
    /// - Throws: ``SQLError/tooLarge(_:)``.
    static func row(
        _ statement: OpaquePointer,
        _ columns: [String],
        _ size: inout SQLAnswerSize
    ) throws(SQLError) -> [SQLValue] {
        var row: [SQLValue] = []
        for (index, column) in columns.enumerated() {
            if [SQLITE_TEXT, SQLITE_BLOB].contains(sqlite3_column_type(statement, Int32(index))) {
                try size.add(Int(sqlite3_column_bytes(statement, Int32(index))), to: column)
            }
            row.append(value(statement, Int32(index)))
        }
        return row
    }

    private static func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT:
            let number = sqlite3_column_double(statement, column)
            return .number(number, written: String(number))
        case SQLITE_TEXT:
            // In UTF-8, whatever the file's encoding; the pointer has to be asked for before the length.
            let start = sqlite3_column_text(statement, column)
            return text(bytes(start, statement, column))
        case SQLITE_BLOB:
            return .text(SHA256.hexadecimal(of: bytes(sqlite3_column_blob(statement, column), statement, column)))
        default: return .null
        }
    }

    /// What is no text that can be shown is its hash.
    private static func text(_ bytes: [UInt8]) -> SQLValue {
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            return .text(SHA256.hexadecimal(of: bytes))
        }
        return MomentText(text).map { .moment($0.timestamp, written: text) } ?? .text(text)
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ statement: OpaquePointer, _ column: Int32) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }
}
