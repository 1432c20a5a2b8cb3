internal import FreshetCore

/// Another address than the stated one that an answer came from, after redirects.
///
/// A tag and a time hold for one address only: two addresses may have the same, and other bytes. So what is kept of an
/// answer says where it came from, and is sent nowhere else.
///
/// - SeeAlso: RFC 9110, section 8.8.
struct HTTPPlace: Hashable, Sendable {
    private static let separator = ";at="
    private static let markLength = 16

    /// A hash: the address may hold what is secret.
    let mark: String

    init(mark: String) { self.mark = mark }

    /// - Returns: `nil` where both are the same.
    init?(of url: String, stated: String) {
        let resource = Self.resource(url)
        guard resource != Self.resource(stated) else { return nil }
        var fingerprint = Fingerprint()
        fingerprint.add(resource)
        mark = String(fingerprint.hexadecimal.prefix(Self.markLength))
    }

    /// A tag or time that is the same only for the same address.
    static func sign(_ tag: String, with place: HTTPPlace?) -> String {
        place.map { tag + separator + $0.mark } ?? tag
    }

    /// What ``sign(_:with:)`` made it of.
    static func parts(of text: String) -> (tag: String, place: HTTPPlace?) {
        let end = text.suffix(separator.count + markLength)
        // A tag of a server ends with a quote.
        guard end.hasPrefix(separator), !end.hasSuffix("\"") else { return (text, nil) }
        return (String(text.dropLast(end.count)), HTTPPlace(mark: String(end.dropFirst(separator.count))))
    }

    // MARK: Signed links

    /// The address without what a store signs a link with, which is another for each request.
    ///
    /// - SeeAlso: Amazon S3, "Authenticating Requests: Using Query Parameters"; Google Cloud Storage, "Signed URLs";
    ///   Amazon CloudFront, "Use signed URLs"; Azure Storage, "Create a service SAS".
    private static func resource(_ url: String) -> String {
        guard let start = url.firstIndex(of: "?") else { return url }
        let parameters = url[start...].dropFirst().split(separator: "&")
        func name(_ parameter: Substring) -> String { parameter.prefix { $0 != "=" }.lowercased() }
        guard parameters.contains(where: { signatures.contains(name($0)) }) else { return url }
        let rest = parameters.filter { parameter in
            let name = name(parameter)
            return !name.hasPrefix("x-amz-") && !name.hasPrefix("x-goog-") && !partsOfSignatures.contains(name)
        }
        return url[..<start] + "?" + rest.joined(separator: "&")
    }

    private static let signatures: Set<String> = ["sig", "signature", "x-amz-signature", "x-goog-signature"]
    private static let partsOfSignatures: Set<String> = [
        "awsaccesskeyid", "expires", "googleaccessid", "jwt", "key-pair-id", "policy", "se", "sig", "signature", "ske",
        "skoid", "sks", "skt", "sktid", "skv", "sp", "spr", "sr", "st", "sv",
    ]
}
