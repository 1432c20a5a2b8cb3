internal import FreshetCore
internal import FreshetKit

/// The profiles of `~/.aws/config` and `~/.aws/credentials`; what the latter says wins.
///
/// - SeeAlso: "Shared config and credentials files" of the AWS SDKs and Tools Reference Guide.
struct AWSProfiles: Sendable {
    private var profiles: [String: [String: String]] = [:]

    subscript(name: String) -> [String: String]? { profiles[name] }

    func region(of profile: String) -> String? { profiles[profile]?["region"] }

    /// Files that are not there say nothing.
    static func read(_ machine: AWSMachine) async throws(AWSKeyError) -> AWSProfiles {
        let home = machine.variable("HOME")
        let config = machine.variable("AWS_CONFIG_FILE") ?? home.map { $0 + "/.aws/config" }
        let credentials = machine.variable("AWS_SHARED_CREDENTIALS_FILE") ?? home.map { $0 + "/.aws/credentials" }
        var profiles = AWSProfiles()
        do throws(SecretError) {
            // The first may hold no secret but by an unwise hand; the second is one.
            if let text = try await text(of: config, home, isForAll: true) { profiles.add(config: text) }
            if let text = try await text(of: credentials, home, isForAll: false) { profiles.add(credentials: text) }
        } catch {
            throw .reference(error)
        }
        return profiles
    }

    private static func text(of path: String?, _ home: String?, isForAll: Bool) async throws(SecretError) -> String? {
        guard var path else { return nil }
        if path.hasPrefix("~/"), let home { path = home + path.dropFirst(1) }
        let file = path
        return try await offPool { () throws(SecretError) in
            FileConnection.exists(file) ? try SecretFile.read(file, isForAll: isForAll).text : nil
        }
    }

    /// Sections are `[default]` and `[profile name]`; others are of no concern here.
    mutating func add(config text: String) {
        add(text) { section in
            if section == "default" { return section }
            let words = section.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0] == "profile" else { return nil }
            return words[1].trimmed
        }
    }

    /// Sections are the profiles' names.
    mutating func add(credentials text: String) { add(text) { $0 } }

    private mutating func add(_ text: String, _ name: (String) -> String?) {
        var profile: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line[...].trimmed
            if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
            if content.hasPrefix("["), let end = content.firstIndex(of: "]") {
                profile = name(content[content.index(after: content.startIndex)..<end].trimmed)
                if let profile { profiles[profile, default: [:]].merge([:]) { old, _ in old } }
                continue
            }
            // Indented lines belong to a setting with parts of its own, such as 's3 =': none of them is used.
            guard let profile, !(line.first?.isWhitespace ?? true), let equals = content.firstIndex(of: "=") else {
                continue
            }
            let key = content[..<equals].trimmed.lowercased()
            var value = content[content.index(after: equals)...].trimmed
            // A remark begins with a blank and '#' or ';'; without the blank it is part of the value.
            if let remark = value.firstRange(of: " #") ?? value.firstRange(of: " ;") {
                value = value[..<remark.lowerBound].trimmed
            }
            if !value.isEmpty { profiles[profile, default: [:]][key] = value }
        }
    }
}

extension StringProtocol {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        var rest = self[startIndex..<endIndex]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}
