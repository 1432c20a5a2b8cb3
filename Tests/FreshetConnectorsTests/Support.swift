import Foundation
import FreshetCore
import FreshetCurl
public import FreshetKit

/// The seams as tests need them: real network and clock, a dictionary for an environment.
func surroundings(
    root: String = "/nowhere",
    variables: [String: String] = [:],
    transport: (any HTTPTransport)? = nil
) throws -> Surroundings {
    var options = CurlTransport.Options()
    options.proxy = .none
    let redactor = Redactor()
    return Surroundings(
        transport: try transport ?? CurlTransport(options),
        secrets: ProcessSecrets(root: root, redactor: redactor) { variables[$0] },
        redactor: redactor,
        clock: SystemClock(),
        chance: { 0.5 },
        root: root
    )
}

func settings(
    _ fields: KeyValuePairs<String, ConfigValue.Content>,
    _ more: KeyValuePairs<String, ConfigValue.Content> = [:]
) -> Settings {
    let origin = Origin(file: "test.yaml")
    let entries = (Array(fields) + Array(more)).map {
        ConfigValue.Entry(key: $0, keyOrigin: origin, value: ConfigValue($1, at: origin))
    }
    return Settings(ConfigValue(.object(entries), at: origin))
}

func texts(_ texts: String...) -> ConfigValue.Content {
    .list(texts.map { ConfigValue(.text($0), at: Origin(file: "test.yaml")) })
}

extension ConfigValue.Content: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

func context(_ connections: [String: any Connection], _ surroundings: Surroundings) -> ProbeContext {
    ProbeContext(
        connections: Connections(connections),
        surroundings: surroundings,
        deadline: surroundings.clock.now + .seconds(60)
    )
}

extension VersionState {
    /// Without the mark of what it was read of.
    var figures: VersionState {
        guard case .known(let version) = self, let mark = version.fingerprint.range(of: ";of=", options: .backwards)
        else { return self }
        return .known(DataVersion(String(version.fingerprint[..<mark.lowerBound])))
    }
}

func temporaryFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fr-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
}

/// The folder of recorded files, where there is one.
let fixtures: String? = ProcessInfo.processInfo.environment["FRESHET_FIXTURES"].flatMap { $0.isEmpty ? nil : $0 }

/// Whether a command of this machine ends with success.
func succeeds(_ command: String, _ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
}
