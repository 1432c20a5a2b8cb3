private import Glibc

/// The file that a program reports into, made and opened before the program starts.
///
/// Nothing is opened after that: what a program puts in its place could be a FIFO, which holds whoever opens it.
final class MessagesFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// - Throws: ``PluginTrouble/files(_:)`` when it cannot be made.
    init(making path: String) throws(PluginTrouble) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .files("\(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Whether something else stands where it was; the program then reports into that.
    var isReplaced: Bool {
        var own = stat()
        var there = stat()
        guard fstat(descriptor, &own) == 0, lstat(path, &there) == 0 else { return false }
        return own.st_dev != there.st_dev || own.st_ino != there.st_ino
    }

    /// What stands behind `offset`, as much as the buffer holds.
    ///
    /// - Returns: how many bytes; 0 at the end.
    func read(at offset: Int64, into buffer: inout [UInt8]) -> Int {
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            return max(count, 0)
        }
    }
}
