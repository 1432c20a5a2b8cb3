import Foundation
import FreshetCore
import FreshetKit
import GRDB
import Testing

@testable import FreshetSQLite

struct OpeningTests {
    private let factory = SQLiteFactory()

    private func open(_ mode: SQLiteStore.Mode = .writer) async throws(StoreError) -> SQLiteStore {
        try await SQLiteStore.open(path: factory.path, mode: mode)
    }

    @Test func `the folder and each file are for their owner only`() async throws {
        let store = try await open()
        _ = try await store.claim(owner: "test", at: .init(milliseconds: 0))
        let manager = FileManager.default
        func mode(_ path: String) throws -> Int? {
            try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        let folder = (factory.path as NSString).deletingLastPathComponent
        #expect(try mode(folder) == 0o700)
        let files = try manager.contentsOfDirectory(atPath: folder).sorted()
        #expect(files == ["freshet.db", "freshet.db-shm", "freshet.db-wal", "freshet.db.lock"])
        for file in files { #expect(try mode(folder + "/" + file) == 0o600, "\(file)") }
        await store.close()
    }

    @Test func `a second writer is told who holds the store`() async throws {
        let clock = FixedClock(now: .init(milliseconds: 1_770_000_000_000))
        let store = try await SQLiteStore.open(path: factory.path, mode: .writer, clock: clock)
        let error = await #expect(throws: StoreError.self) { try await open() }
        let holder = "pid \(getpid()) on \(ProcessInfo.processInfo.hostName) since 2026-02-02T02:40:00Z"
        #expect(error == .held(by: holder))
        await store.close()
    }

    @Test func `a store opened by another name has the same lock`() async throws {
        let store = try await open()
        let link = factory.folder + "/link.db"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: factory.path)
        let error = await #expect(throws: StoreError.self) { try await SQLiteStore.open(path: link, mode: .writer) }
        #expect({ if case .held = error { true } else { false } }())
        await store.close()
    }

    @Test func `the lock does not pass to a child process`() async throws {
        let store = try await open()
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let lock = descriptors.first { descriptor in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)"))
                == store.path + ".lock"
        }
        let info = try String(contentsOfFile: "/proc/self/fdinfo/\(try #require(lock))", encoding: .utf8)
        let line = try #require(info.split(separator: "\n").first { $0.hasPrefix("flags:") })
        let flags = try #require(line.split(separator: "\t").last.flatMap { Int32($0, radix: 8) })
        #expect(flags & O_CLOEXEC != 0)
        await store.close()
    }

    @Test func `a reader of nothing is told that there is no store yet`() async {
        let error = await #expect(throws: StoreError.self) { try await open(.reader) }
        #expect(error == .cannotOpen(path: factory.path, reason: "there is no store yet"))
        #expect(!FileManager.default.fileExists(atPath: factory.path))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func `a reader of another user is refused, and leaves no file`() async throws {
        await (try open()).close()
        let folder = (factory.path as NSString).deletingLastPathComponent
        for path in [factory.folder, folder] {
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
        }
        let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let output = try StoreWriterProcess("read", factory.path, "65534").outputAtEnd()
        #expect(output.contains("belongs to user 0, and this is user 65534"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == before)
        #expect(try StoreWriterProcess("read", factory.path, "0").outputAtEnd() == "read 0 runs\n")
    }

    @Test(arguments: [SQLiteStore.Mode.writer, .reader])
    func `the store of a newer version is left alone`(_ mode: SQLiteStore.Mode) async throws {
        await (try open()).close()
        try factory.sql { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('\(Schema.version + 6)')") }
        let error = await #expect(throws: StoreError.self) { try await open(mode) }
        #expect(error == .newerFormat(found: Schema.version + 6, known: Schema.version))
    }

    @Test(arguments: [SQLiteStore.Mode.writer, .reader])
    func `the database of another program is left alone`(_ mode: SQLiteStore.Mode) async throws {
        try FileManager.default.createDirectory(
            atPath: (factory.path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try factory.sql { try $0.execute(sql: "CREATE TABLE theirs (x)") }
        let error = await #expect(throws: StoreError.self) { try await open(mode) }
        #expect(error == .cannotOpen(path: factory.path, reason: "it is not a store of Freshet"))
        #expect(try factory.sql { try $0.tableExists("epoch") } == false)
    }

    @Test(arguments: [SQLiteStore.Mode.writer, .reader])
    func `a file that is no database is corrupt, and the error says what to do`(_ mode: SQLiteStore.Mode) async throws {
        await (try open()).close()
        try Data("not a database, but long enough to look like one".utf8).write(to: URL(filePath: factory.path))
        let error = await #expect(throws: StoreError.self) { try await open(mode) }
        guard case .corrupt(let message) = try #require(error) else { throw try #require(error) }
        #expect(message.hasPrefix(factory.path + ": "))
        #expect(message.contains("restore the latest backup"))
    }

    @Test func `a failed opening gives the lock back`() async throws {
        await (try open()).close()
        try factory.sql { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
        await #expect(throws: StoreError.self) { try await open() }
        try factory.sql { try $0.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '99'") }
        await (try open()).close()
    }
}

struct FileSystemTests {
    private let mounts = """
        22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        35 22 0:31 / /mnt/models rw,nosuid shared:15 - fuse.sshfs ana@host:/models rw,user_id=0
        36 22 259:1048575 / /data rw - fuseblk /dev/nvme0n1 rw
        """

    @Test(arguments: [(0x801, "ext4"), (0x1f, "fuse.sshfs"), (0xfff_0010_3ff, "fuseblk"), (0x802, nil)])
    func `a mounted file system is found by its device`(_ device: UInt64, _ kind: String?) {
        #expect(FileSystem.kind(ofDevice: device == 0xfff_0010_3ff ? 0xfff1_03ff : device, in: mounts) == kind)
    }

    @Test func `a folder on this machine is not on the network`() {
        #expect(FileSystem.networkName(of: "/proc") == nil)
        #expect(FileSystem.networkName(of: NSTemporaryDirectory()) == nil)
    }
}

private struct FixedClock: EngineClock {
    var now: FreshetCore.Timestamp
    func sleep(until moment: FreshetCore.Timestamp) async throws {}
}
