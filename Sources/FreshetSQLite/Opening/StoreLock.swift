import FreshetCore
import FreshetKit
import Glibc

/// The right to write a store: an exclusive `flock` on the file beside it, which ends with the process.
///
/// The file tells who holds the lock and stays behind without meaning. The descriptor is closed on `exec`, so that a
/// child process does not go on holding the store.
final class StoreLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``StoreError/held(by:)``, in the words the holder left; ``StoreError/cannotOpen(path:reason:)``.
    init(path: String, at now: Timestamp) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: SystemError.last) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            let holder = Self.text(of: descriptor)
            Glibc.close(descriptor)
            guard error == EWOULDBLOCK else { throw .cannotOpen(path: path, reason: SystemError.text(error)) }
            throw .held(by: holder.isEmpty ? "another process" : holder)
        }
        self.descriptor = descriptor
        write("pid \(getpid()) on \(Self.host) since \(now.iso8601)\n")
    }

    deinit { Glibc.close(descriptor) }

    /// What is written only explains; the lock holds without it, on a full disk too.
    private func write(_ text: String) {
        guard ftruncate(descriptor, 0) == 0 else { return }
        let bytes = Array(text.utf8)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }

    private static func text(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "this host" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The words of the operating system for what went wrong.
enum SystemError {
    static var last: String { text(errno) }

    static func text(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
}
