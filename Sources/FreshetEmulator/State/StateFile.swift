import FoundationEssentials
import Glibc

/// The file in which a state is kept.
///
/// It is replaced whole, by a rename, so that a kill at any time leaves the old one or the new one. Only its owner may
/// read it: it holds the tokens given out.
struct StateFile: Sendable {
    let path: String

    /// - Returns: nil when there is no file yet.
    func load() throws(EmulatorFileError) -> SavedState? {
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EmulatorFileError(file: path, message: "the state cannot be read")
        }
        do {
            let state = try JSONDecoder().decode(SavedState.self, from: data)
            if state.version == SavedState.currentVersion { return state }
        } catch {}
        throw EmulatorFileError(
            file: path,
            message: "this is not a state of this version of the emulator; remove the file to begin anew"
        )
    }

    func save(_ state: SavedState) throws(EmulatorFileError) {
        let bytes: [UInt8]
        do {
            bytes = Array(try JSONEncoder().encode(state))
        } catch {
            throw EmulatorFileError(file: path, message: "the state cannot be written: \(error)")
        }
        let temporary = path + ".new"
        let handle = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw failure("opened") }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(handle, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = failure("written")
                close(handle)
                throw failure
            }
            written += count
        }
        guard close(handle) == 0, rename(temporary, path) == 0 else { throw failure("written") }
    }

    private func failure(_ verb: String) -> EmulatorFileError {
        EmulatorFileError(file: path, message: "the state cannot be \(verb): \(String(cString: strerror(errno)))")
    }
}
