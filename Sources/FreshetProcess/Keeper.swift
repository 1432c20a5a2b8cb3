internal import CProcess
internal import FreshetKit
internal import Glibc

/// The process that stands between the daemon and one program; see the README of this folder.
///
/// Single-threaded, and synchronous throughout: it forks.
package enum Keeper {
    /// Reads a request from standard input, runs its program to the end, and ends itself.
    package static func run() -> Never {
        // What ends the program is the pipe to the daemon, and nothing that a service manager sends to every process.
        for number in [SIGHUP, SIGINT, SIGPIPE, SIGTERM] { signal(number, SIG_IGN) }
        // It holds secrets: nobody may read its memory, nor a core of it.
        _ = fr_hide_memory()
        _ = fr_become_subreaper()
        guard let request = readRequest() else { exit(64) }
        var keeping = Keeping(request)
        keeping.run()
        exit(0)
    }

    private static func readRequest() -> KeeperRequest? {
        guard let head = readExactly(4), let count = FieldReader.length(in: head[...]) else { return nil }
        guard let body = readExactly(count) else { return nil }
        return KeeperRequest(body[...])
    }

    private static func readExactly(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { read(0, $0.baseAddress! + done, count - done) }  // Not empty.
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }
}

/// The life of one program, from its start to the moment at which nothing of it is left.
struct Keeping {
    /// What is asked of a program before it is ended.
    private enum Pressure: Equatable {
        case none
        /// It has been told to end; after the moment something stronger comes.
        case asked(until: Int64, thenTerminate: Bool)
        case killing(since: Int64)
    }

    private static let mostUnsent = 1 << 20
    private static let cancelGrace: Int64 = 2000
    /// A process that cannot be killed (it waits for a disk, say) is not waited for longer.
    private static let mostKilling: Int64 = 30_000

    private let request: KeeperRequest
    private var link: DaemonLink
    private var gate: OutputGate
    private var program = pid_t(0)
    private var pipes = ProgramPipes()
    private var status: ProcessExit.Status?
    private var end = ProcessExit.End.itself
    private var pressure = Pressure.none
    private var strays = 0
    private var hasChildren = true
    private var startedAt: Int64 = 0
    private var nextCount: Int64 = 0
    private var lastCount = 0

    init(_ request: KeeperRequest) {
        self.request = request
        link = DaemonLink()
        gate = OutputGate(limit: request.command.limits.output)
    }

    mutating func run() {
        let children = fr_child_signals()
        switch ProgramStart.start(request) {
        case .failure(let failure):
            link.send(.notStarted, Array(failure.reason.utf8))
            link.flush()
            return
        case .success(let started):
            program = started.id
            pipes = started.pipes
        }
        startedAt = monotonicMilliseconds()
        while true {
            reap()
            let now = monotonicMilliseconds()
            watch(now)
            press(now)
            if !hasChildren || isGivenUp(now) { break }
            wait(for: children, now)
        }
        finish()
    }

    // MARK: Ends

    private mutating func reap() {
        while true {
            var signalled: Int32 = 0
            var code: Int32 = 0
            let id = fr_reap(&signalled, &code)
            if id == program { status = signalled == 1 ? .signalled(code) : .exited(code) }
            guard id > 0 else {
                hasChildren = id == 0
                return
            }
        }
    }

    /// Looks at the limits.
    private mutating func watch(_ now: Int64) {
        let limits = request.command.limits
        if status != nil, !isKilling { leaveNothing(now) }
        guard !isKilling else { return }
        if link.takeCancel() {
            if end == .itself { end = .stopped }
            ask(now, grace: min(limits.grace.wholeMilliseconds, Self.cancelGrace))
        } else if link.isStopped, pressure == .none {
            end = .stopped
            ask(now, grace: limits.grace.wholeMilliseconds)
        } else if let time = limits.time, now - startedAt >= time.wholeMilliseconds, pressure == .none {
            end = .timedOut
            ask(now, grace: limits.grace.wholeMilliseconds)
        }
        count(now)
    }

    /// Counts processes and memory: often at first and while they grow, else five times a second.
    private mutating func count(_ now: Int64) {
        let limits = request.command.limits
        guard limits.memory != nil || limits.processes != nil, now >= nextCount else { return }
        let tree = ProcessTree.below(getpid())
        if let most = limits.processes, tree.count > most {
            end = .overProcesses
            pressure = .killing(since: now)
        } else if let most = limits.memory, tree.reduce(0, { $0 + $1.resident }) > most,
            ProcessTree.proportional(tree.map(\.id)) > most
        {
            end = .overMemory
            pressure = .killing(since: now)
        }
        nextCount = now + (tree.count > lastCount || now - startedAt < 500 ? 20 : 200)
        lastCount = tree.count
    }

    /// The program has ended: what it left behind goes too.
    private mutating func leaveNothing(_ now: Int64) {
        strays = ProcessTree.below(getpid()).count { !$0.isZombie }
        pressure = .killing(since: now)
    }

    private var isKilling: Bool { if case .killing = pressure { true } else { false } }

    private func isGivenUp(_ now: Int64) -> Bool {
        if case .killing(let since) = pressure { now - since > Self.mostKilling } else { false }
    }

    private mutating func ask(_ now: Int64, grace: Int64) {
        guard grace > 0 else {
            pressure = .killing(since: now)
            return
        }
        if request.command.interrupts {
            signalAll(SIGINT)
            pressure = .asked(until: now + grace / 2, thenTerminate: true)
        } else {
            signalAll(SIGTERM)
            pressure = .asked(until: now + grace, thenTerminate: false)
        }
    }

    /// Goes on from asking to ending.
    private mutating func press(_ now: Int64) {
        if case .asked(let until, let thenTerminate) = pressure, now >= until {
            if thenTerminate {
                signalAll(SIGTERM)
                let half = link.isCancelled ? Self.cancelGrace : request.command.limits.grace.wholeMilliseconds
                pressure = .asked(until: now + half / 2, thenTerminate: false)
            } else {
                pressure = .killing(since: now)
            }
        }
        guard isKilling, hasChildren else { return }
        // Stopped first, so that nothing is born while the list is gone through; then again, for what was.
        signalAll(SIGSTOP)
        signalAll(SIGKILL)
    }

    private func signalAll(_ number: Int32) {
        for process in ProcessTree.below(getpid()) where !process.isZombie { kill(process.id, number) }
    }

    // MARK: Waiting

    private mutating func wait(for children: Int32, _ now: Int64) {
        var polled = [
            pollfd(fd: children, events: Int16(POLLIN), revents: 0),
            pollfd(fd: link.isOpen ? 0 : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: link.hasUnsent ? 1 : -1, events: Int16(POLLOUT), revents: 0),
        ]
        let takesOutput = link.unsentCount < Self.mostUnsent
        polled.append(pollfd(fd: takesOutput ? pipes.output : -1, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: takesOutput ? pipes.error : -1, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: pipes.input, events: Int16(POLLOUT), revents: 0))
        poll(&polled, nfds_t(polled.count), timeout(now))
        if polled[0].revents != 0 { drainSignals(children) }
        if polled[1].revents != 0 { link.readWishes() }
        if polled[2].revents != 0 { link.write() }
        if polled[3].revents != 0 { pipes.output = forward(pipes.output, .standardOutput) }
        if polled[4].revents != 0 { pipes.error = forward(pipes.error, .standardError) }
        if polled[5].revents != 0 { pipes.feed(request.command.input) }
    }

    private func timeout(_ now: Int64) -> Int32 {
        let limits = request.command.limits
        var next = now + 1000
        switch pressure {
        case .none: if let time = limits.time { next = min(next, startedAt + time.wholeMilliseconds) }
        case .asked(let until, _): next = min(next, until)
        case .killing: next = now + 5
        }
        if limits.memory != nil || limits.processes != nil { next = min(next, nextCount) }
        return Int32(max(next - now, 1))
    }

    private func drainSignals(_ descriptor: Int32) {
        var bytes = [UInt8](repeating: 0, count: 1024)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }

    // MARK: Output

    /// Passes on what is there, at most one buffer.
    ///
    /// - Returns: the descriptor, or -1 when it has ended.
    private mutating func forward(_ descriptor: Int32, _ stream: KeeperFrame) -> Int32 {
        let got = pipes.read(descriptor)
        if got < 0, errno == EINTR || errno == EAGAIN { return descriptor }
        guard got > 0 else {
            close(descriptor)
            return -1
        }
        let passed = gate.pass(UnsafeRawBufferPointer(rebasing: pipes.buffer[..<got]), of: stream)
        if !passed.isEmpty { link.send(stream, passed) }
        return descriptor
    }

    /// Passes on what still stands in the pipes: nobody is left who could write more.
    private mutating func finish() {
        for (stream, missing) in [
            (KeeperFrame.standardOutput, KeeperFrame.droppedOutput), (.standardError, .droppedError),
        ] {
            let descriptor = stream == .standardOutput ? pipes.output : pipes.error
            if descriptor >= 0 {
                // A stranger may hold the other end, who is not waited for.
                var left = descriptor
                while left >= 0, pipes.hasMore(left) { left = forward(left, stream) }
            }
            if let ending = gate.ending(of: stream) {
                link.send(missing, Array(String(ending.missing).utf8))
                link.send(stream, Array(ending.tail))
            }
        }
        let status = status ?? .signalled(SIGKILL)
        let words =
            switch status {
            case .exited(let code): "exited \(code)"
            case .signalled(let number): "signalled \(number)"
            }
        link.send(.ended, Array("\(words) \(end.rawValue) \(gate.dropped) \(strays)".utf8))
        link.flush()
    }
}

/// The time since some moment, which is never set back.
///
/// The clock of the keeper alone, which has no other seam to time.
func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
