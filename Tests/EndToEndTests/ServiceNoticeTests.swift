import Foundation
import Glibc
import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"), .serialized)
struct `What a daemon tells the service manager` {
    @Test(arguments: [false, true])
    func `it is ready when it answers, alive while it works, and stopping when it stops`(
        isAbstract: Bool
    ) async throws {
        var (shop, _) = try await Project.shop()
        let manager = try NotifySocket(isAbstract ? "@freshet-\(UUID().uuidString)" : shop.folder + "/notify")
        shop.environment["NOTIFY_SOCKET"] = manager.name
        shop.environment["WATCHDOG_USEC"] = "200000"
        let daemon = try shop.start("up")
        try await until("READY=1") { manager.hears("READY=1\nSTATUS=shop: ") }
        // At once, with no second try: who is told that it is ready may ask.
        try await shop.freshet("pause").expect()
        try await shop.freshet("resume").expect()
        try await until("a sign of life") { manager.hears("WATCHDOG=1") }
        daemon.signal(SIGTERM)
        try await daemon.ended(within: .seconds(25)).expect(0)
        #expect(manager.hears("STOPPING=1"))
        #expect(manager.count("READY=1") == 1)
    }

    @Test func `a watchdog that is meant for another process is not fed`() async throws {
        var (shop, _) = try await Project.shop()
        let manager = try NotifySocket(shop.folder + "/notify")
        shop.environment["NOTIFY_SOCKET"] = manager.name
        shop.environment["WATCHDOG_USEC"] = "1000"
        shop.environment["WATCHDOG_PID"] = "1"
        let daemon = try shop.start("up")
        try await until("READY=1") { manager.hears("READY=1") }
        try await shop.freshet("status").expect()
        daemon.signal(SIGTERM)
        try await daemon.ended(within: .seconds(25)).expect(0)
        #expect(!manager.hears("WATCHDOG=1"))
    }

    @Test func `a manager that is gone is a warning, and no more`() async throws {
        var (shop, _) = try await Project.shop()
        shop.environment["NOTIFY_SOCKET"] = shop.folder + "/nobody"
        let daemon = try await shop.up()
        try await until("the warning") { daemon.errors.contains("READY=1 does not reach the service manager") }
        daemon.signal(SIGTERM)
        try await daemon.ended(within: .seconds(25)).expect(0)
    }
}

/// The socket of a service manager, and what it was told.
private final class NotifySocket {
    let name: String
    private let descriptor: Int32
    private var heard: [String] = []

    /// - Parameter name: a path, or a name in the abstract namespace after `@`.
    /// - Throws: when there cannot be one.
    init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(name.utf8).prefix(107)) }
        if name.hasPrefix("@") { address.sun_path.0 = 0 }
        let length = socklen_t(2 + name.utf8.count)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw Late(what: "a socket \(name)", saw: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    func hears(_ beginning: String) -> Bool { count(beginning) > 0 }

    func count(_ beginning: String) -> Int {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count >= 0 else { break }
            heard.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
        return heard.count { $0.hasPrefix(beginning) }
    }
}
