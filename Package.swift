// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "freshet",
    targets: [
        .target(name: "FreshetCore", swiftSettings: settings),
        .target(name: "FreshetKit", dependencies: ["FreshetCore"], swiftSettings: settings),
        .testTarget(name: "FreshetCoreTests", dependencies: ["FreshetCore"], swiftSettings: settings),
    ]
)
