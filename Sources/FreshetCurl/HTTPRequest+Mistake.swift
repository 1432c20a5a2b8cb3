import FreshetKit

extension HTTPRequest {
    /// What keeps the request from being sent as it is meant: a line break in a field would smuggle in another field.
    var mistake: HTTPError? {
        guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            return HTTPError(.other, mayHaveArrived: false, message: "the request's method is not a word in capitals")
        }
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard ["http", "https"].contains(scheme), url.dropFirst(scheme.count).hasPrefix("://") else {
            let message = "the URL is not absolute, or not of http or https"
            return HTTPError(.badURL, mayHaveArrived: false, message: message)
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return HTTPError(.badURL, mayHaveArrived: false, message: "\(origin): the URL is not percent-encoded")
        }
        // Whoever can state an address in a project must not be given the machine's own identity by it.
        if !isDirect, unixSocket == nil, Self.metadataHosts.contains(where: { origin.lowercased().hasSuffix($0) }) {
            let message = "\(origin): the metadata service of the machine is asked only to sign in by managed_identity"
            return HTTPError(.badURL, mayHaveArrived: false, message: message)
        }
        for field in headers.fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(Self.isTokenByte) else {
                return HTTPError(.other, mayHaveArrived: false, message: "a header's name is not a token")
            }
            guard field.value.utf8.allSatisfy({ $0 != 0 && $0 != 0x0A && $0 != 0x0D }) else {
                let message = "the header \(field.name) holds a line break"
                return HTTPError(.other, mayHaveArrived: false, message: message)
            }
        }
        return nil
    }

    /// Where clouds tell a machine its credentials, as `origin` ends; port 80 may be written out.
    private static let metadataHosts = [
        "://169.254.169.254", "://169.254.169.254:80", "://[fd00:ec2::254]", "://[fd00:ec2::254]:80",
    ]

    /// Scheme, host and port, or the Unix socket: what an error text may show of the URL.
    var origin: String {
        if let unixSocket { return "unix:\(unixSocket)" }
        guard let start = url.firstRange(of: "://") else { return "(not an absolute URL)" }
        let authority = url[start.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return String(url[..<start.upperBound] + host)
    }

    /// `tchar` of RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
