private import CCrypto
private import CSQLite
import GRDB
private import Glibc

/// What SQLite has no word for, added to a connection that only reads.
enum SQLiteFunctions {
    /// - Parameters:
    ///   - database: a connection to `file`.
    ///   - file: its path.
    static func add(to database: Database, _ file: String) {
        database.add(function: DatabaseFunction("freshet_checksum", pure: true, aggregate: RowSum.self))
        // The connection outlives its functions.
        let handle = database.sqliteConnection.map { UInt(bitPattern: $0) }
        database.add(
            function: DatabaseFunction("freshet_change_counter", argumentCount: 1) { _ in
                handle.flatMap { OpaquePointer(bitPattern: $0) }.flatMap { changeCounter($0, file) }
            }
        )
    }

    /// The number that every committed transaction raises, and which file it was read from.
    ///
    /// Read through SQLite's own handle of the file: opening and closing the file beside it would drop its locks.
    ///
    /// - Returns: `nil` in WAL mode, where the number stands still until a checkpoint.
    /// - SeeAlso: sqlite.org, "Database File Format", 1.3.3 and 1.3.7; `fcntl(2)` on advisory locks.
    private static func changeCounter(_ database: OpaquePointer, _ path: String) -> String? {
        var header = [UInt8](repeating: 0, count: 28)
        guard fr_sqlite3_read_header(database, &header, Int32(header.count)) == SQLITE_OK, header[18] == 1,
            header[19] == 1
        else { return nil }
        let counter = header[24..<28].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return "\(counter)@\(status.st_dev):\(status.st_ino)"
    }

    /// A sum of hashes of rows, modulo 2^128, behind the number of rows.
    private struct RowSum: DatabaseAggregate {
        private var count = 0
        private var sum: UInt128 = 0

        init() {}

        mutating func step(_ values: [DatabaseValue]) throws {
            count += 1
            var bytes: [UInt8] = []
            for value in values { Self.append(value, to: &bytes) }
            var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
            guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else {
                throw DatabaseError(resultCode: .SQLITE_NOMEM, message: "no hash could be made")
            }
            sum = sum &+ digest.prefix(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        }

        func finalize() throws -> (any DatabaseValueConvertible)? { "\(count):\(String(sum, radix: 16))" }

        /// A letter for the type, the length, the bytes: no two rows are written alike.
        private static func append(_ value: DatabaseValue, to bytes: inout [UInt8]) {
            let (type, content): (Unicode.Scalar, [UInt8]) =
                switch value.storage {
                case .null: ("n", [])
                case .int64(let number): ("i", Array(String(number).utf8))
                case .double(let number): ("d", Array(String(number.bitPattern).utf8))
                case .string(let text): ("t", Array(text.utf8))
                case .blob(let data): ("b", Array(data))
                }
            bytes += Array("\(type)\(content.count):".utf8) + content
        }
    }
}
