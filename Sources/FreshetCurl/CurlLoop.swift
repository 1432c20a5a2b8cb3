private import CCurl
private import FreshetCore
private import FreshetFailpoints
import FreshetKit
private import Glibc
private import Synchronization

/// The thread that alone calls libcurl, and the inbox through which others ask it to.
///
/// `@unchecked Sendable`: ``inbox`` and ``events`` are safe to share, everything else belongs to the thread.
final class CurlLoop: @unchecked Sendable {
    private enum Command {
        case start(Exchange)
        case cancel(Exchange)
    }
    private struct Inbox {
        var commands: [Command] = []
        var isStopped = false
    }
    private static let spareHandles = 64
    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let inbox = Mutex(Inbox())
    private let events: EventSet
    private let options: CurlTransport.Options
    private let multi: UnsafeMutableRawPointer
    private var live: [ObjectIdentifier: Exchange] = [:]
    private var spare: [EasyHandle] = []
    private var turnstile: Turnstile
    /// When libcurl wants to be called without a socket being ready, in monotonic milliseconds.
    private var timer: Int64?

    init(_ options: CurlTransport.Options) throws(HTTPError) {
        guard Self.isReady, let events = EventSet(), let multi = curl_multi_init() else {
            let message = "libcurl cannot start: no memory or descriptor left"
            throw HTTPError(.other, mayHaveArrived: false, message: message)
        }
        self.options = options
        self.events = events
        self.multi = multi
        turnstile = Turnstile(limit: max(1, options.connectionsPerHost))
        // The number of idle connections that are kept: fewer than there are in use would reopen them all the time.
        _ = freshet_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(256, options.connectionsPerHost * 4))
        guard startThread() else {
            curl_multi_cleanup(multi)
            throw HTTPError(.other, mayHaveArrived: false, message: "libcurl cannot start: no thread left")
        }
    }

    func start(_ exchange: Exchange) {
        if !post(.start(exchange)) { exchange.end(.failure(.stopped(mayHaveArrived: false))) }
    }

    /// Ends the exchange when it is in flight or waits; one that is yet to arrive looks at its own flag.
    func cancel(_ exchange: Exchange) { _ = post(.cancel(exchange)) }

    func stop() {
        inbox.withLock { $0.isStopped = true }
        events.wake()
    }

    /// Returns false when the loop has been stopped.
    private func post(_ command: Command) -> Bool {
        let (isAccepted, isFirst) = inbox.withLock { inbox in
            guard !inbox.isStopped else { return (false, false) }
            inbox.commands.append(command)
            return (true, inbox.commands.count == 1)
        }
        if isFirst { events.wake() }
        return isAccepted
    }

    private func startThread() -> Bool {
        let me = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { me in
                freshet_name_thread("curl")
                // With CURLOPT_NOSIGNAL libcurl leaves this to its caller: a broken pipe must not end the process.
                var signals = sigset_t()
                sigemptyset(&signals)
                sigaddset(&signals, SIGPIPE)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                // The context is what `pthread_create` was given below: never nil.
                Unmanaged<CurlLoop>.fromOpaque(me!).takeRetainedValue().run()
                return nil
            },
            me.toOpaque()
        )
        if status == 0 { pthread_detach(thread) } else { me.release() }
        return status == 0
    }

    // MARK: On the thread

    private func run() {
        freshet_multi_set_callbacks(
            multi,
            { _, socket, interest, me, _ in
                // libcurl hands back the context that was set with the callback: never nil.
                Unmanaged<CurlLoop>.fromOpaque(me!).takeUnretainedValue().events.watch(socket, for: interest)
                return 0
            },
            { _, milliseconds, me in
                // As above: never nil.
                let loop = Unmanaged<CurlLoop>.fromOpaque(me!).takeUnretainedValue()
                loop.timer = milliseconds < 0 ? nil : monotonicMilliseconds() + Int64(milliseconds)
                return 0
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
        while carryOutCommands() {
            awaitEvents()
            failpoint(live.values.contains(where: \.hasJustBeenSent) ? .postAfterSend : nil)
            collectFinished()
        }
        end()
    }

    /// Returns false when the loop has been stopped.
    private func carryOutCommands() -> Bool {
        let (commands, isStopped) = inbox.withLock { inbox in
            defer { inbox.commands = [] }
            return (inbox.commands, inbox.isStopped)
        }
        for command in commands {
            switch command {
            case .start(let exchange): admit(exchange)
            case .cancel(let exchange): abandon(exchange)
            }
        }
        return !isStopped
    }

    private func admit(_ exchange: Exchange) {
        guard !exchange.isCancelled.load(ordering: .acquiring) else {
            return exchange.end(.failure(.cancelled(mayHaveArrived: false)))
        }
        exchange.deadline = monotonicMilliseconds() + exchange.request.timeout.inMilliseconds
        if turnstile.enter(exchange) { begin(exchange) }
    }

    private func abandon(_ exchange: Exchange) {
        if let handle = exchange.handle {
            finish(exchange, .failure(.cancelled(mayHaveArrived: handle.mayHaveArrived)))
        } else if turnstile.remove(exchange) {
            exchange.end(.failure(.cancelled(mayHaveArrived: false)))
        }
    }

    private func begin(_ exchange: Exchange) {
        guard let handle = spare.popLast() ?? EasyHandle() else {
            return finish(exchange, .failure(HTTPError(.other, mayHaveArrived: false, message: "no memory left")))
        }
        exchange.prepare(handle, options, timeout: exchange.deadline - monotonicMilliseconds())
        live[ObjectIdentifier(exchange)] = exchange
        if let code = handle.firstFailure {
            finish(exchange, .failure(exchange.error(code, mayHaveArrived: false)))
        } else if curl_multi_add_handle(multi, handle.easy) != CURLM_OK {
            finish(exchange, .failure(HTTPError(.other, mayHaveArrived: false, message: "libcurl has no memory left")))
        }
    }

    private func awaitEvents() {
        let due = [timer, turnstile.nextDeadline].compactMap { $0 }.min()
        let wait = due.map { Int32(clamping: max(0, $0 - monotonicMilliseconds())) } ?? -1
        var running: Int32 = 0
        for event in events.wait(milliseconds: wait) {
            curl_multi_socket_action(multi, event.socket, event.readiness, &running)
        }
        let now = monotonicMilliseconds()
        if let timer, timer <= now {
            self.timer = nil
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
        }
        for exchange in turnstile.expire(at: now) { exchange.end(.failure(.timedOutWaiting(exchange))) }
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let context = freshet_get_private(easy)
            else { continue }
            let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
            finish(exchange, exchange.outcome(freshet_message_result(message)))
        }
    }

    /// Takes the exchange out of libcurl, then resumes its caller.
    private func finish(_ exchange: Exchange, _ result: Result<HTTPResponse, HTTPError>) {
        if let handle = exchange.handle {
            curl_multi_remove_handle(multi, handle.easy)
            exchange.handle = nil
            if spare.count < Self.spareHandles {
                handle.reset()
                spare.append(handle)
            }
        }
        live[ObjectIdentifier(exchange)] = nil
        exchange.end(result)
        if let next = turnstile.leave(exchange) { begin(next) }
    }

    private func end() {
        for exchange in turnstile.removeAll() { exchange.end(.failure(.stopped(mayHaveArrived: false))) }
        for exchange in Array(live.values) {
            finish(exchange, .failure(.stopped(mayHaveArrived: exchange.handle?.mayHaveArrived ?? true)))
        }
        spare = []
        curl_multi_cleanup(multi)
    }
}

private func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
