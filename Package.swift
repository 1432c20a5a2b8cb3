// swift-tools-version: 6.2
import PackageDescription

/// Whether to build the program that crash tests kill at named places; see Sources/FreshetFailpoints.
let hasFailpoints = Context.environment["FRESHET_FAILPOINTS"] != nil

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (hasFailpoints ? [.define("FRESHET_FAILPOINTS")] : [])

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
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
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        .target(name: "FreshetFailpoints", exclude: ["README.md"], swiftSettings: settings),
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
            dependencies: ["FreshetFailpoints", "FreshetKit", "CCrypto", "CSQLite", grdb],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetCurl",
            dependencies: ["FreshetFailpoints", "FreshetKit", "CCurl"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetCrypto",
            dependencies: ["FreshetCore", "CCrypto"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetAccess",
            dependencies: ["FreshetCrypto", "FreshetKit", "CCrypto"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetEntra",
            dependencies: ["FreshetKit", "CCrypto"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetPowerBI",
            dependencies: ["FreshetEntra", "FreshetFailpoints", "FreshetKit"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetConnectors",
            dependencies: ["FreshetKit", "FreshetEntra", "CCrypto", "CPostgres", "CSQLite", grdb, subprocess],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetPlugins",
            dependencies: ["FreshetKit"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetProcess",
            dependencies: ["FreshetKit", "CProcess", subprocess],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetEngine",
            dependencies: ["FreshetFailpoints", "FreshetKit", logging, lifecycle],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetHooks",
            dependencies: ["FreshetCrypto", "FreshetKit"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetView",
            dependencies: ["FreshetKit"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetTelemetry",
            dependencies: ["FreshetKit", "FreshetView", logging, lifecycle],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetServer",
            dependencies: [
                "FreshetFailpoints", "FreshetKit", "FreshetTelemetry", "FreshetView", hummingbird, hummingbirdTLS,
                logging,
                lifecycle, nioSSL,
            ],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "FreshetEmulator",
            dependencies: ["CCrypto", "CSQLite", hummingbird, hummingbirdTLS, logging, nioSSL, yams],
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
                "FreshetAccess", "FreshetConnectors", "FreshetCrypto", "FreshetCurl", "FreshetDefinitions",
                "FreshetEmulator", "FreshetEngine", "FreshetFailpoints", "FreshetHooks", "FreshetPlugins",
                "FreshetPowerBI",
                "FreshetProcess", "FreshetSQLite", "FreshetServer", "FreshetTelemetry", "FreshetView", argumentParser,
                grdb, lifecycle, logging, signals, subprocess,
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
        .target(name: "CProcess"),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        .executableTarget(
            name: "StoreWriter",
            dependencies: ["FreshetSQLite"],
            path: "Tests/StoreWriter",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Keeper",
            dependencies: ["FreshetProcess"],
            path: "Tests/Keeper",
            swiftSettings: settings
        ),
        .target(name: "Oracle", dependencies: ["FreshetEngine"], path: "Tests/Oracle", swiftSettings: settings),
        .executableTarget(
            name: "histories",
            dependencies: ["Oracle"],
            path: "Tests/Histories",
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
        .testTarget(
            name: "FreshetCurlTests",
            dependencies: ["FreshetCurl", "FreshetEmulator", "RawServer"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetDatabricksTests",
            dependencies: ["FreshetConnectors", "FreshetCurl", "FreshetEmulator"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetEngineTests",
            dependencies: ["FreshetEngine", "FreshetTesting", "FreshetView", logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetAccessTests",
            dependencies: ["FreshetAccess", "FreshetCrypto", "FreshetTesting", "CCrypto"],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetEntraTests",
            dependencies: ["FreshetEntra", "FreshetTesting", "CCrypto"],
            swiftSettings: settings
        ),
        .testTarget(name: "FreshetFailpointsTests", dependencies: ["FreshetFailpoints"], swiftSettings: settings),
        .testTarget(
            name: "FreshetHooksTests",
            dependencies: ["FreshetCrypto", "FreshetHooks", "FreshetTesting", "CCrypto"],
            swiftSettings: settings
        ),
        .testTarget(name: "FreshetKitTests", dependencies: ["FreshetKit", "FreshetTesting"], swiftSettings: settings),
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
        .testTarget(
            name: "FreshetEmulatorTests",
            dependencies: ["CCrypto", "FreshetEmulator"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetPluginsTests",
            dependencies: [
                "FreshetDefinitions", "FreshetPlugins", "FreshetProcess", "FreshetTesting", "Keeper",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetPowerBITests",
            dependencies: ["FreshetEntra", "FreshetPowerBI"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetPowerBIWireTests",
            dependencies: ["FreshetCurl", "FreshetEmulator", "FreshetPowerBI"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "InFlightTests",
            dependencies: ["FreshetCurl", "FreshetEmulator", "FreshetPowerBI"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetProcessTests",
            dependencies: ["FreshetProcess", "FreshetTesting", "Keeper"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetSQLiteTests",
            dependencies: ["FreshetSQLite", "FreshetTesting", "StoreWriter", grdb],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetServerTests",
            dependencies: ["FreshetServer", "FreshetTelemetry", "FreshetTesting", "FreshetView", logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FreshetTelemetryTests",
            dependencies: ["FreshetTelemetry", "FreshetTesting", lifecycle, logging],
            swiftSettings: settings
        ),
        .testTarget(name: "OracleTests", dependencies: ["Oracle"], swiftSettings: settings),
        .testTarget(name: "FreshetTestingTests", dependencies: ["FreshetTesting"], swiftSettings: settings),
    ]
)
