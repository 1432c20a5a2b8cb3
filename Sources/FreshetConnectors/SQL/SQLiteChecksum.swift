private import CCrypto
import CSQLite

/// `freshet_checksum(a, b, …)`: a sum of hashes of rows, modulo 2^128, behind the number of rows.
///
/// Made with SQLite's own calls: what wraps them reads a text as far as its first NUL, and mends what is not UTF-8.
enum SQLiteChecksum {
    static func add(to database: OpaquePointer) {
        // Fails only where there is no memory left; then the statement that needs the function is refused.
        _ = sqlite3_create_function_v2(
            database,
            "freshet_checksum",
            -1,
            SQLITE_UTF8 | SQLITE_DETERMINISTIC,
            nil,
            nil,
            { context, count, values in SQLiteChecksum.step(context, count, values) },
            { context in SQLiteChecksum.finish(context) },
            nil
        )
    }

    /// In memory that SQLite keeps for each run of the function: zero at first, and aligned to 8 bytes.
    private struct Sum {
        var rows: UInt64
        var high: UInt64
        var low: UInt64

        mutating func add(_ digest: ArraySlice<UInt8>) {
            let sum = value &+ digest.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
            (rows, high, low) = (rows + 1, UInt64(truncatingIfNeeded: sum >> 64), UInt64(truncatingIfNeeded: sum))
        }

        var value: UInt128 { UInt128(high) << 64 | UInt128(low) }
    }

    private static func sum(_ context: OpaquePointer?) -> UnsafeMutablePointer<Sum>? {
        sqlite3_aggregate_context(context, Int32(MemoryLayout<Sum>.size))?.assumingMemoryBound(to: Sum.self)
    }

    private static func step(
        _ context: OpaquePointer?,
        _ count: Int32,
        _ values: UnsafeMutablePointer<OpaquePointer?>?
    ) {
        var bytes: [UInt8] = []
        for index in 0..<Int(count) { append(values?[index], to: &bytes) }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        guard let sum = sum(context), EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else {
            sqlite3_result_error_nomem(context)
            return
        }
        sum.pointee.add(digest.prefix(16))
    }

    private static func finish(_ context: OpaquePointer?) {
        guard let sum = sum(context)?.pointee else {
            sqlite3_result_error_nomem(context)
            return
        }
        fr_sqlite3_result_text(context, "\(sum.rows):\(String(sum.value, radix: 16))")
    }

    /// A letter for the type, the length, the bytes: no two rows are written alike.
    private static func append(_ value: OpaquePointer?, to bytes: inout [UInt8]) {
        let (type, content): (Unicode.Scalar, [UInt8]) =
            switch sqlite3_value_type(value) {
            case SQLITE_INTEGER: ("i", Array(String(sqlite3_value_int64(value)).utf8))
            case SQLITE_FLOAT: ("d", Array(String(sqlite3_value_double(value).bitPattern).utf8))
            case SQLITE_TEXT: ("t", raw(value))
            case SQLITE_BLOB: ("b", raw(value))
            default: ("n", [])
            }
        bytes += Array("\(type)\(content.count):".utf8) + content
    }

    /// The bytes as they are stored; the pointer has to be asked for before their number.
    private static func raw(_ value: OpaquePointer?) -> [UInt8] {
        let start = sqlite3_value_blob(value)
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value))))
    }
}
