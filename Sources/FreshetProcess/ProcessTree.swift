internal import Glibc

/// The processes below one, read from `/proc`; see proc(5).
struct ProcessTree {
    struct Process: Equatable {
        var id: pid_t
        var parent: pid_t
        /// Bytes of memory that are present, shared ones included.
        var resident: Int64
        var isZombie: Bool
    }

    /// Everything that a process has started, directly or not.
    ///
    /// A snapshot: processes come and go while it is taken.
    static func below(_ root: pid_t) -> [Process] {
        var children: [pid_t: [Process]] = [:]
        for id in processes() {
            guard let process = read(id) else { continue }
            children[process.parent, default: []].append(process)
        }
        var found: [Process] = []
        var parents = [root]
        while let parent = parents.popLast() {
            let group = children.removeValue(forKey: parent) ?? []
            found += group
            parents += group.map(\.id)
        }
        return found
    }

    /// Those of our own user whose environment, as they were started with it, holds this text.
    static func marked(_ text: String) -> [pid_t] {
        let wanted = Array(text.utf8)
        return processes().filter { id in
            guard id != getpid() else { return false }
            let environment = contents(of: "/proc/\(id)/environ", limit: 1 << 20)
            return environment.split(separator: 0).contains { Array($0) == wanted }
        }
    }

    /// Bytes of memory that these processes have for themselves, with their share of what they have in common.
    ///
    /// Exact and slow: the kernel walks through every page.
    static func proportional(_ ids: [pid_t]) -> Int64 {
        ids.reduce(0) { sum, id in
            let text = String(decoding: contents(of: "/proc/\(id)/smaps_rollup", limit: 4096), as: UTF8.self)
            let line = text.split(separator: "\n").first { $0.hasPrefix("Pss:") }
            let number = line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
            return sum + (number ?? 0) * 1024
        }
    }

    /// How many threads there are on this machine.
    static func threadCount() -> Int {
        let text = String(decoding: contents(of: "/proc/loadavg", limit: 256), as: UTF8.self)
        let counts = text.split(separator: " ").first { $0.contains("/") }
        return counts?.split(separator: "/").last.flatMap { Int($0) } ?? 0
    }

    // MARK: Reading

    private static func processes() -> [pid_t] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var ids: [pid_t] = []
        while let entry = readdir(folder) {
            let id = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { pid_t(String(cString: $0)) }
            }
            if let id { ids.append(id) }
        }
        return ids
    }

    private static let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))

    private static func read(_ id: pid_t) -> Process? {
        parse(contents(of: "/proc/\(id)/stat", limit: 1024), id)
    }

    /// A line of `/proc/<id>/stat`: the name stands in brackets and may hold anything, brackets included.
    static func parse(_ line: [UInt8], _ id: pid_t) -> Process? {
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(end + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        // The third field of the line, the state, is the first here.
        guard fields.count > 21, let parent = pid_t(fields[1]), let pages = Int64(fields[21]) else { return nil }
        return Process(id: id, parent: parent, resident: pages * pageSize, isZombie: fields[0] == "Z")
    }

    private static func contents(of path: String, limit: Int) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            while count < limit {
                // The buffer has a base address: its capacity is more than zero.
                let got = Glibc.read(descriptor, buffer.baseAddress! + count, limit - count)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                count += got
            }
        }
    }
}
