import Foundation
import Testing

@testable import FreshetKit

struct `The redactor` {
    private static let secret = "p/ä+ss\"w\\rd?7~"

    /// The usual encodings, made by Foundation and by hand.
    private static let encodings: [String] = {
        let data = Data(secret.utf8)
        let base64 = data.base64EncodedString()
        let json = String(decoding: try! JSONEncoder().encode(secret), as: UTF8.self)
        var allowed = CharacterSet(charactersIn: "-._~")
        allowed.formUnion(CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
        // Its letters are lower-case: only the digits of escapes differ in case.
        let percent = secret.addingPercentEncoding(withAllowedCharacters: allowed)!
        let hexadecimal = data.map { String(format: "%02x", $0) }.joined()
        return [
            secret, base64, base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""),
            percent, percent.lowercased(), String(json.dropFirst().dropLast()),
            json.replacing("\\/", with: "/"), hexadecimal, hexadecimal.uppercased(),
        ]
    }()

    @Test(arguments: encodings) func `takes out a secret in each of its usual encodings`(text: String) {
        let redactor = Redactor()
        redactor.learn(Self.secret)
        let redacted = redactor.redact("before \(text) after")
        #expect(redacted.hasPrefix("before "))
        #expect(redacted.hasSuffix(" after"))
        #expect(redacted.contains("[redacted]"))
        #expect(redacted.count < 40, "\(redacted)")
    }

    @Test(arguments: [
        // urllib.parse.quote, quote_plus; encodeURI, encodeURIComponent; a form.
        "p/%3Ca%26b%3E%22%27%20%C3%A4%28%3F%29%2A~%3A", "p%2F%3Ca%26b%3E%22%27+%C3%A4%28%3F%29%2A~%3A",
        "p/%3Ca&b%3E%22'%20%C3%A4(?)*~:", "p%2F%3Ca%26b%3E%22'%20%C3%A4(%3F)*~%3A",
        "p%2F%3Ca%26b%3E%22%27+%C3%A4%28%3F%29*%7E%3A",
        // Python's and Go's html.escape, another's, and one that leaves quotation marks alone.
        "p/&lt;a&amp;b&gt;&quot;&#x27; ä(?)*~:", "p/&lt;a&amp;b&gt;&#34;&#39; ä(?)*~:",
        "p/&lt;a&amp;b&gt;&quot;&#39; ä(?)*~:", "p/&lt;a&amp;b&gt;\"' ä(?)*~:",
        // Python's json.dumps.
        #"p/<a&b>\"' \u00e4(?)*~:"#,
    ]) func `takes out what other encoders make of a secret`(text: String) {
        let redactor = Redactor()
        redactor.learn("p/<a&b>\"' ä(?)*~:")
        #expect(redactor.redact("before \(text) after") == "before [redacted] after")
    }

    @Test func `takes out each line of a secret of several lines`() {
        let redactor = Redactor()
        redactor.learn("-----BEGIN X-----\nfirst-line-of-it\r\n    second-line-of-it  \nshort\n-----END X-----\n")
        #expect(redactor.redact("got first-line-of-it") == "got [redacted]")
        #expect(redactor.redact("    second-line-of-it") == "    [redacted]")
        #expect(redactor.redact(Data("second-line-of-it".utf8).base64EncodedString()) == "[redacted]")
        // What every text may hold stays.
        #expect(redactor.redact("short -----BEGIN X-----") == "short -----BEGIN X-----")
    }

    @Test func `takes out private keys that nobody has resolved`() {
        let redactor = Redactor()
        let body = String(repeating: "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", count: 3)
        let key = "-----BEGIN RSA PRIVATE KEY-----\n\(body)-----END RSA PRIVATE KEY-----"
        #expect(redactor.redact("a \(key) b \(key)\n") == "a [redacted] b [redacted]\n")
        let escaped = key.replacing("\n", with: "\\n")
        #expect(redactor.redact("{\"key\": \"\(escaped)\"}") == "{\"key\": \"[redacted]\"}")
        #expect(redactor.redact("a " + key.dropLast(40)) == "a [redacted]")
        for text in [
            key.replacing("PRIVATE KEY", with: "CERTIFICATE"),
            "it has to begin with -----BEGIN PRIVATE KEY----- and end",
            "-----BEGIN ", "-----BEGIN PRIVATE KEY-----",
        ] { #expect(redactor.redact(text) == text) }
    }

    @Test func `takes out of parts what it takes out of the whole`() {
        let redactor = Redactor()
        redactor.learn("hush-hush")
        redactor.learn("hush-hush-hush-and-more")
        let text = "a hush-hush, hush-hush-hush-and-mor hush-hush-hush-and-more hush-hus"
        let whole = Array(text.utf8)
        for cut in 0...whole.count {
            let (first, taken) = redactor.redact(Array(whole[..<cut]), isLast: false)
            let (second, rest) = redactor.redact(Array(whole[taken...]), isLast: true)
            #expect(String(decoding: first + second, as: UTF8.self) == redactor.redact(text), "cut at \(cut)")
            #expect(taken + rest == whole.count)
        }
    }

    @Test(arguments: 0..<6) func `finds a secret within what is encoded with something before it`(length: Int) {
        let redactor = Redactor()
        redactor.learn("0123456789abcdefghijkl")
        let whole = Data((String(repeating: "u", count: length) + "0123456789abcdefghijkl" + ":x").utf8)
        let redacted = redactor.redact("Basic " + whole.base64EncodedString())
        #expect(redacted.contains("[redacted]"))
        #expect(redacted.count < 40, "\(redacted)")
    }

    @Test func `prefers the longer of two secrets that begin alike`() {
        let redactor = Redactor()
        redactor.learn("hush-hush")
        redactor.learn("hush-hush-hush")
        redactor.learn("hush-hush-a")
        #expect(redactor.redact("hush-hush-hush hush-hush") == "[redacted] [redacted]")
        // What stands between the two in order does not hide the shorter.
        #expect(redactor.redact("hush-hush-b hush-hush-") == "[redacted]-b [redacted]-")
    }

    @Test(arguments: ["", "hu", "hush", "a hush-hush", "hush-hus", "é"])
    func `leaves alone what holds none`(text: String) {
        let redactor = Redactor()
        redactor.learn("hush-hush")
        redactor.learn("abc")
        #expect(redactor.redact(text).contains("hush-hush") == false)
        #expect(redactor.redact(text.replacing("hush-hush", with: "x")) == text.replacing("hush-hush", with: "x"))
    }

    @Test func `keeps those in use when there are too many`() {
        let redactor = Redactor(capacity: 10)
        for number in 0..<100 {
            redactor.learn("password-of-the-database")
            redactor.learn("token-number-\(number)-of-many")
        }
        #expect(redactor.redact("password-of-the-database token-number-99-of-many") == "[redacted] [redacted]")
        #expect(redactor.redact("token-number-1-of-many") == "token-number-1-of-many")
    }

    @Test func `takes out what taking out one by one takes out`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Seeded(state: seed)
        for _ in 0..<200 {
            let letters = ["a", "b"]
            func word(_ range: ClosedRange<Int>) -> String {
                (0..<Int.random(in: range, using: &generator)).map { _ in letters.randomElement(using: &generator)! }
                    .joined()
            }
            // Below six bytes there are no encodings that could hit by chance.
            let secrets = (0..<5).map { _ in word(4...5) }
            let text = word(0...30)
            let redactor = Redactor()
            for secret in secrets { redactor.learn(secret) }
            var expected = ""
            var rest = text[...]
            while let first = rest.first {
                let hit = secrets.filter { rest.hasPrefix($0) }.max { $0.count < $1.count }
                expected += hit == nil ? String(first) : "[redacted]"
                rest = rest.dropFirst(hit?.count ?? 1)
            }
            #expect(redactor.redact(text) == expected, "seed \(seed), \(secrets), \(text)")
        }
    }

    @Test func `searches a text once, however many secrets there are`() {
        let text = String(repeating: "nothing secret stands in this line at all\n", count: 2000)
        func time(_ count: Int) -> Duration {
            let redactor = Redactor()
            for number in 0..<count { redactor.learn("secret-\(number)-\(number * 7919)") }
            return ContinuousClock().measure { _ = redactor.redact(text) }
        }
        let one = time(1)
        // Ten times as long would be once for each secret; the machine may be busy.
        #expect(time(500) < one * 20 + .milliseconds(200))
    }
}

/// Steele, Lea and Flood's SplitMix64.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
