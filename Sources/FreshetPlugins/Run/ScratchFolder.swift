private import FoundationEssentials
internal import FreshetCore
private import Glibc
private import Synchronization

/// The folders that programs work in: one for each run, which goes with it.
///
/// A folder's name tells whose it is: the number of the daemon's process and when that began. What a daemon that was
/// killed left behind is swept by the next.
enum ScratchFolder {
    private static let prefix = "freshet-plugin-"
    private static let leastAge = Duration.seconds(24 * 3600)
    private static let interval = Duration.seconds(3600)
    private static let lastSweep = Mutex<Timestamp?>(nil)

    /// A new folder that only we can look into.
    static func make(in parent: String) throws(PluginTrouble) -> String {
        let owner = "\(getpid())-\(beginning(of: getpid()) ?? "0")"
        var template = Array("\(parent)/\(prefix)\(owner)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .files("no folder in \(parent): \(String(cString: strerror(errno)))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Sweeps, unless this process has done so within the hour.
    static func sweepNowAndThen(_ parent: String, now: Timestamp) {
        let isDue = lastSweep.withLock { last in
            if let last, now >= last, now - last < interval { return false }
            last = now
            return true
        }
        if isDue { sweep(parent, now: now) }
    }

    /// Removes the folders that nothing was written in for a day, and whose process is gone.
    static func sweep(_ parent: String, now: Timestamp) {
        // What cannot be read or removed is in the system's folder for what may go.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(parent)/\(name)"
            guard !isOwned(name), let writtenAt = newest(path), now - writtenAt > leastAge else { continue }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Whether the process still runs that the name tells; a number alone may have been given to another.
    private static func isOwned(_ name: String) -> Bool {
        let words = name.dropFirst(prefix.count).split(separator: "-")
        guard words.count >= 3, let id = pid_t(words[0]), let began = beginning(of: id) else { return false }
        return words[1] == began
    }

    /// When a folder of our own, or what its program reports, was last written; `nil` for what is no folder of ours.
    private static func newest(_ path: String) -> Timestamp? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            return nil
        }
        var seconds = status.st_mtim.tv_sec
        if lstat(path + "/messages", &status) == 0 { seconds = max(seconds, status.st_mtim.tv_sec) }
        return Timestamp(milliseconds: Int64(seconds) * 1000)
    }

    /// When a process began, in ticks since the machine did, see proc(5); `nil` when there is none.
    private static func beginning(of id: pid_t) -> Substring? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(id)/stat") else { return nil }
        // The name stands in brackets, and may hold some.
        let words = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        return words.count > 19 ? words[19] : nil
    }
}
