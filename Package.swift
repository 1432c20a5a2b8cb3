// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Which of our targets may import which is checked by ArchitectureTests.
let package = Package(
    name: "freshet",
    products: [.executable(name: "freshet", targets: ["freshet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        .target(name: "FreshetCore", exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "FreshetKit",
            dependencies: ["FreshetCore"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetDefinitions",
            dependencies: ["FreshetKit", yams],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetSQLite",
            dependencies: ["FreshetKit", "CSQLite", grdb],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetCurl",
            dependencies: ["FreshetKit", "CCurl"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetPowerBI",
            dependencies: ["FreshetKit"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetConnectors",
            dependencies: ["FreshetKit", "CCrypto", "CPostgres", grdb],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetEngine",
            dependencies: ["FreshetKit", logging, lifecycle],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetServer",
            dependencies: ["FreshetKit", hummingbird, logging, lifecycle],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetEmulator",
            dependencies: ["CCrypto", hummingbird, logging, yams],
            exclude: ["Control/README.md", "README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetTesting",
            dependencies: ["FreshetKit"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "freshet",
            dependencies: [
                "FreshetConnectors", "FreshetCurl", "FreshetDefinitions", "FreshetEmulator", "FreshetEngine",
                "FreshetPowerBI", "FreshetServer", "FreshetSQLite", argumentParser, grdb, lifecycle, logging,
                signals, subprocess,
            ],
            exclude: ["README.md"],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "Benchmarks",
            dependencies: ["FreshetConnectors", "FreshetDefinitions", "FreshetPowerBI", "FreshetSQLite"],
            path: "Benchmarks",
            swiftSettings: settings
        ),

        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        .executableTarget(
            name: "StoreWriter",
            dependencies: ["FreshetSQLite"],
            path: "Tests/StoreWriter",
            swiftSettings: settings
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),
        .testTarget(
            name: "CatalogTests",
            dependencies: ["FreshetConnectors", "FreshetDefinitions", "FreshetPowerBI"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetCoreTests",
            dependencies: ["FreshetCore", "FreshetTesting"],
            swiftSettings: settings
        ),
        .target(name: "RawServer", path: "Tests/RawServer", swiftSettings: settings),
        .testTarget(
            name: "FreshetConnectorsTests",
            dependencies: ["FreshetConnectors", "FreshetCurl", "FreshetTesting", "RawServer", "CCrypto", grdb],
            swiftSettings: settings
        ),
        .testTarget(name: "FreshetCurlTests", dependencies: ["FreshetCurl", "RawServer"], swiftSettings: settings),
        .testTarget(
            name: "FreshetEngineTests",
            dependencies: ["FreshetEngine", "FreshetTesting", logging],
            swiftSettings: settings
        ),
        .testTarget(name: "FreshetKitTests", dependencies: ["FreshetKit"], swiftSettings: settings),
        .testTarget(
            name: "FreshetDefinitionsTests",
            dependencies: ["FreshetDefinitions", yams],
            exclude: ["Broken", "Projects"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["freshet"],
            exclude: ["Projects", "Snapshots", "validate.py"],
            swiftSettings: settings
        ),
        .testTarget(name: "FreshetEmulatorTests", dependencies: ["FreshetEmulator"], swiftSettings: settings),
        .testTarget(name: "FreshetPowerBITests", dependencies: ["FreshetPowerBI"], swiftSettings: settings),
        .testTarget(
            name: "FreshetPowerBIWireTests",
            dependencies: ["FreshetCurl", "FreshetEmulator", "FreshetPowerBI"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetSQLiteTests",
            dependencies: ["FreshetSQLite", "FreshetTesting", "StoreWriter", grdb],
            swiftSettings: settings
        ),
        .testTarget(name: "FreshetTestingTests", dependencies: ["FreshetTesting"], swiftSettings: settings),
    ]
)
