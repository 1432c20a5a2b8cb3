import FreshetKit
import GRDB

extension StoreError {
    /// What an error of the database means to the caller.
    ///
    /// - Parameters:
    ///   - error: as it came from GRDB, a codec, or this target.
    ///   - path: of the database, for the message.
    ///   - isCommitting: an I/O error while a transaction is made durable leaves open whether it is: what was written
    ///     may be found, or not, when the file is next opened after a crash.
    init(_ error: any Error, path: String, isCommitting: Bool = false) {
        switch error {
        case let error as StoreError: self = error
        case let error as CodecError: self = .failed(error.sentence(path: path))
        case let error as DatabaseError: self = Self.from(error, path: path, isCommitting: isCommitting)
        case is RowDecodingError: self = .corrupt("\(path): a row does not have the columns it should. \(Self.remedy)")
        default: self = .failed("\(path): \(error)")
        }
    }

    private static let remedy =
        "Stop the daemon, keep a copy of the file with its -wal and -shm, and restore the latest backup."

    private static func from(_ error: DatabaseError, path: String, isCommitting: Bool) -> StoreError {
        let words = error.message ?? "error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            return .full("\(path): the disk is full, so nothing was written. Free space; no restart is needed.")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return .corrupt("\(path): \(words). \(remedy)")
        case .SQLITE_IOERR where isCommitting:
            return .unknownOutcome("\(path): \(words)")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
            return .cannotOpen(path: path, reason: words)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return .failed("\(path): another program holds a lock on the database (\(words))")
        default:
            return .failed("\(path): \(words)")
        }
    }
}

extension CodecError {
    fileprivate func sentence(path: String) -> String {
        switch self {
        case .unknownWord(let word, let type):
            "\(path): this version does not know the \(type) `\(word)`; a newer Freshet may have written it"
        case .malformed(let text, let type): "\(path): a stored \(type) cannot be read: \(text)"
        }
    }
}
