/// Where traces go, as the standard variables of OpenTelemetry say.
///
/// - SeeAlso: opentelemetry.io/docs/specs/otel/protocol/exporter and
///   opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables.
package struct TraceSettings: Hashable, Sendable {
    /// The whole address that is posted to.
    package var url: String
    /// Their values are secrets.
    package var headers: [String: String]
    package var resource: [String: String]
    package var timeout: Duration
    /// A PEM file of the authorities to trust.
    package var caFile: String?
    /// What was asked for and is not done, one sentence each.
    package var warnings: [String] = []

    /// What these variables say; `nil` where no traces are wanted: without an endpoint, or when they are turned off.
    ///
    /// - Parameters:
    ///   - variables: the process's environment.
    ///   - version: of the program.
    package init?(_ variables: [String: String], version: String) {
        func value(_ name: String) -> String? {
            variables[name].map(Self.trimmed).flatMap { $0.isEmpty ? nil : $0 }
        }
        func exporter(_ name: String) -> String? {
            value("OTEL_EXPORTER_OTLP_TRACES_\(name)") ?? value("OTEL_EXPORTER_OTLP_\(name)")
        }
        guard value("OTEL_SDK_DISABLED")?.lowercased() != "true" else { return nil }
        let exporters = value("OTEL_TRACES_EXPORTER")?.split(separator: ",").map { Self.trimmed(String($0)) } ?? []
        guard exporters.isEmpty || exporters.contains("otlp") else { return nil }
        if let own = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            url = own
        } else if let base = value("OTEL_EXPORTER_OTLP_ENDPOINT") ?? (exporters.isEmpty ? nil : Self.usual) {
            url = (base.hasSuffix("/") ? base : base + "/") + "v1/traces"
        } else {
            return nil
        }
        headers = Self.pairs(value("OTEL_EXPORTER_OTLP_HEADERS"))
            .merging(Self.pairs(value("OTEL_EXPORTER_OTLP_TRACES_HEADERS"))) { $1 }
        resource = ["service.name": "freshet", "service.version": version]
            .merging(Self.pairs(value("OTEL_RESOURCE_ATTRIBUTES"))) { $1 }
        if let name = value("OTEL_SERVICE_NAME") { resource["service.name"] = name }
        let stated = exporter("TIMEOUT")
        let milliseconds = stated.flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
        timeout = .milliseconds(min(milliseconds ?? 10_000, 60_000))
        caFile = exporter("CERTIFICATE")
        if let stated, milliseconds == nil {
            warnings.append("OTEL_EXPORTER_OTLP_TIMEOUT is '\(stated)' and has to be milliseconds; it is 10000")
        }
        if let spoken = exporter("PROTOCOL"), spoken != "http/json" {
            warnings.append("OTEL_EXPORTER_OTLP_PROTOCOL is '\(spoken)'; traces go as http/json, mostly to port 4318")
        }
    }

    /// Where a collector of the same machine listens.
    private static let usual = "http://localhost:4318"

    /// The address without what may be secret: no user, path or query.
    package var shownAddress: String {
        let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return "the address that OTEL_EXPORTER_OTLP_ENDPOINT states" }
        let place = parts[2].prefix { !"/?#".contains($0) }
        return "\(parts[0])//\(place.split(separator: "@").last ?? "")"
    }

    /// What must not be shown of the headers: a short value of a header that is named for no secret, such as a tenant's
    /// name, is a word that may stand in any text.
    var secrets: [String] {
        let marks = ["auth", "cookie", "key", "password", "secret", "token"]
        return headers.flatMap { name, value -> [String] in
            guard value.utf8.count >= 16 || marks.contains(where: name.lowercased().contains) else { return [] }
            // The word after "Bearer" is the secret itself.
            return [value] + value.split(separator: " ").dropFirst().map(String.init)
        }
    }

    /// `name=value` with commas between; values are percent-encoded (W3C Baggage).
    private static func pairs(_ text: String?) -> [String: String] {
        var found: [String: String] = [:]
        for part in (text ?? "").split(separator: ",") {
            // What follows a semicolon are properties, which nothing here has.
            let pair = part.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            let name = trimmed(String(pair[0]))
            if !name.isEmpty { found[name] = decoded(trimmed(String(pair[1]))) }
        }
        return found
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text = text.dropLast() }
        return String(text)
    }

    /// A percent sign without two digits stands for itself.
    private static func decoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let digits = bytes[place...].dropFirst().prefix(2)
            if bytes[place] == UInt8(ascii: "%"), digits.count == 2, digits.first != UInt8(ascii: "+"),
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                result.append(byte)
                place += 3
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
