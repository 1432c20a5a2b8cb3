import Glibc

/// What the system tells of this process, as far as it does; under the names that every client of Prometheus uses.
struct ProcessFigures {
    var cpuSeconds: Double
    var residentBytes: Double?
    var virtualBytes: Double?
    /// Since 1970.
    var startedAt: Double?
    var openDescriptors: Double?
    var mostDescriptors: Double?
    var threads: Double?

    /// As of now.
    ///
    /// - SeeAlso: proc(5), `/proc/pid/stat`.
    init() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        cpuSeconds =
            Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        // The name of the program, in parentheses, may hold anything; what follows are numbers from the third field on.
        if let text = Self.read("/proc/self/stat"), let end = text.lastIndex(of: ")") {
            let fields = text[text.index(after: end)...].split(separator: " ")
            func field(_ number: Int) -> Double? { fields.count > number - 3 ? Double(fields[number - 3]) : nil }
            threads = field(20)
            virtualBytes = field(23)
            residentBytes = field(24).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
            if let ticks = field(22), let boot = Self.bootTime {
                startedAt = boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
            }
        }
        openDescriptors = Self.entries(of: "/proc/self/fd")
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            mostDescriptors = Double(limit.rlim_cur)
        }
    }

    private static let bootTime: Double? = {
        guard let line = read("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }) else {
            return nil
        }
        return Double(line.dropFirst(6))
    }()

    private static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    /// Without the two that every folder has, and the one that this opens.
    private static func entries(of folder: String) -> Double? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return Double(max(0, count - 3))
    }

    func write(to text: inout PrometheusText) {
        text.add("process_cpu_seconds_total", .counter, "Time of processors, user and system.", cpuSeconds)
        let gauges: [(String, String, Double?)] = [
            ("process_max_fds", "How many descriptors may be open.", mostDescriptors),
            ("process_open_fds", "Open descriptors.", openDescriptors),
            ("process_resident_memory_bytes", "Memory that is resident.", residentBytes),
            ("process_start_time_seconds", "When the process began, since 1970.", startedAt),
            ("process_threads", "Threads.", threads),
            ("process_virtual_memory_bytes", "Memory that is mapped.", virtualBytes),
        ]
        for (name, help, value) in gauges {
            if let value { text.add(name, .gauge, help, value) }
        }
    }
}
