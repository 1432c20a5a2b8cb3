import Foundation
import Testing

/// The one-way imports of docs/architecture.md, read from the files themselves.
@Suite struct `The layers` {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    /// What each target may import of ours, and of others; lowest layer first.
    static let table: [(target: String, ours: Set<String>, others: Set<String>)] = [
        ("FreshetFailpoints", [], ["Glibc", "Synchronization"]),
        ("FreshetCore", [], []),
        ("FreshetKit", ["FreshetCore"], ["FoundationEssentials", "Glibc", "Synchronization"]),
        ("FreshetDefinitions", kit, ["FoundationEssentials", "Glibc", "Yams"]),
        (
            "FreshetSQLite", crashing.union(["CCrypto", "CSQLite"]),
            ["Dispatch", "FoundationEssentials", "Glibc", "GRDB", "Synchronization"]
        ),
        ("FreshetCurl", crashing.union(["CCurl"]), ["Glibc", "Synchronization"]),
        ("FreshetCrypto", ["CCrypto", "FreshetCore"], ["Glibc"]),
        ("FreshetAccess", kit.union(["CCrypto", "FreshetCrypto"]), ["Dispatch", "Synchronization"]),
        ("FreshetEntra", kit.union(["CCrypto"]), ["FoundationEssentials"]),
        ("FreshetPowerBI", crashing.union(["FreshetEntra"]), ["FoundationEssentials", "Synchronization"]),
        (
            "FreshetConnectors", kit.union(["CCrypto", "CPostgres", "CSQLite", "FreshetEntra"]),
            [
                "Dispatch", "FoundationEssentials", "Glibc", "GRDB", "Subprocess", "Synchronization", "SystemPackage",
            ]
        ),
        ("FreshetHooks", kit.union(["FreshetCrypto"]), ["Synchronization"]),
        ("FreshetPlugins", kit, ["FoundationEssentials", "Glibc", "Synchronization"]),
        ("FreshetProcess", kit.union(["CProcess"]), ["Glibc", "Subprocess", "Synchronization", "SystemPackage"]),
        ("FreshetEngine", crashing, ["Logging", "ServiceLifecycle", "Synchronization"]),
        ("FreshetView", kit, []),
        ("FreshetTelemetry", kit.union(["FreshetView"]), ["Logging", "ServiceLifecycle", "Synchronization"]),
        (
            "FreshetServer", crashing.union(["FreshetTelemetry", "FreshetView"]),
            [
                "FoundationEssentials", "Glibc", "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdTLS",
                "Logging",
                "NIOCore", "NIOSSL", "ServiceLifecycle", "Synchronization",
            ]
        ),
        (
            "FreshetEmulator", ["CCrypto", "CSQLite"],
            [
                "FoundationEssentials", "Glibc", "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdTLS",
                "Logging", "NIOCore", "NIOPosix", "NIOSSL", "ServiceLifecycle", "Synchronization", "Yams",
            ]
        ),
        ("FreshetTesting", kit, ["FoundationEssentials", "Glibc", "Synchronization"]),
    ]
    private static let kit: Set<String> = ["FreshetCore", "FreshetKit"]
    /// What crash tests kill at named places.
    private static let crashing = kit.union(["FreshetFailpoints"])

    @Test(arguments: table) func `import only what is below them`(
        target: String,
        ours: Set<String>,
        others: Set<String>
    ) throws {
        let files = try Self.swiftFiles(in: target)
        #expect(!files.isEmpty, "\(target) has no sources")
        for file in files {
            let found = Self.imports(of: try String(contentsOf: file, encoding: .utf8))
            let strange = found.subtracting(ours).subtracting(others)
            #expect(strange.isEmpty, "\(target)/\(file.lastPathComponent) imports \(strange.sorted())")
        }
    }

    @Test func `are all in the table`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "Sources").path())
        let others: Set<String> = ["CCrypto", "CCurl", "CPostgres", "CProcess", "CSQLite", "freshet"]
        let known = Set(Self.table.map(\.target)).union(others)
        #expect(Set(folders) == known)
    }

    @Test func `give away an import that points upward`() {
        let text =
            "import FreshetKit\npublic import FreshetCore\n@testable import FreshetEngine\nprivate import struct GRDB.Row\n"
        #expect(Self.imports(of: text) == ["FreshetKit", "FreshetCore", "FreshetEngine", "GRDB"])
        let kit = Self.table.first { $0.target == "FreshetKit" }!
        #expect(!Self.imports(of: text).subtracting(kit.ours).subtracting(kit.others).isEmpty)
    }

    @Test func `keep the core free of the clock, the disk and chance`() throws {
        let banned = /\b(Date\(\)|Date\.now|FileManager|ProcessInfo|URLSession|UUID\(\)|\.random\(|Task\.sleep|print\()/
        for file in try Self.swiftFiles(in: "FreshetCore") {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(!text.contains(banned), "\(file.lastPathComponent)")
        }
    }

    @Test(arguments: table.map(\.target).filter { $0 != "FreshetEmulator" })
    func `read one clock, in one file`(target: String) throws {
        let banned = /\b(Date\(\)|Date\.now|ContinuousClock|SuspendingClock|CLOCK_REALTIME|gettimeofday|Task\.sleep)\b/
        for file in try Self.swiftFiles(in: target) where file.lastPathComponent != "SystemClock.swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(!text.contains(banned), "\(target)/\(file.lastPathComponent)")
        }
    }

    @Test func `stand on a wiring file that alone makes things`() throws {
        let makers = /\b(SQLiteStore\.open|SystemClock\(\))/
        for file in try Self.swiftFiles(in: "freshet") where file.lastPathComponent != "Wiring.swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(!text.contains(makers), "\(file.lastPathComponent)")
        }
    }

    /// The modules that a file imports, whatever stands before the word.
    static func imports(of text: String) -> Set<String> {
        let line =
            /(?m)^\s*(?:@\w+(?:\([^)]*\))? +)*(?:(?:public|package|internal|fileprivate|private) +)?import +(?:(?:struct|class|enum|protocol|func|var|let|typealias) +)?(\w+)/
        // A program in another language, as text, imports what it likes.
        let code = text.replacing(/(?s)""".*?"""/, with: "")
        return Set(code.matches(of: line).map { String($0.1) })
    }

    static func swiftFiles(in target: String) throws -> [URL] {
        let directory = root.appending(path: "Sources/\(target)")
        return try FileManager.default.subpathsOfDirectory(atPath: directory.path())
            .filter { $0.hasSuffix(".swift") }
            .map { directory.appending(path: $0) }
    }
}
