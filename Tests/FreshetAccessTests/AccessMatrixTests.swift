import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetAccess

/// Every operation of the contract, asked for by everybody, over every transport, by its path and by tricks with it.
///
/// What comes of it stands in `Golden/access.txt`, for a person to read; RECORD=1 writes it anew.
struct AccessMatrixTests {
    @Test func `is as it was agreed`() async throws {
        let found = try await Matrix().text()
        let file = Place.tests.appending(path: "Golden/access.txt")
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try found.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let kept = try String(contentsOf: file, encoding: .utf8)
        let (new, old) = (found.split(separator: "\n"), kept.split(separator: "\n"))
        for change in new.difference(from: old) {
            switch change {
            case .insert(_, let line, _): Issue.record("now: \(line)")
            case .remove(_, let line, _): Issue.record("agreed: \(line)")
            }
        }
        #expect(found == kept, "RECORD=1 keeps what is now; read the difference")
    }
}

private struct Matrix {
    typealias Transport = AccessRequest.Transport

    /// Each with what they show; `nil` is nobody.
    private static let principals = [
        "anonymous", "viewer", "operator", "admin", "link", "viewer_token", "operator_token", "admin_token",
        "bound_token",
        "ingest_token", "badge_link", "badge_as_token", "expired_token", "revoked_token", "revoked_session",
        "expired_session", "disabled_user",
    ]

    private let operations: [(method: String, route: Route)]

    init() throws {
        operations =
            try RouteTableTests.contract()
            .sorted { ($0.path, $0.method) < ($1.path, $1.method) }
            .map { ($0.method, Route($0.method, RouteTemplate($0.path), $0.name, .open, reach: .none)) }
            + RouteTable.commands.map { ($0.method, $0) }
    }

    func text() async throws -> String {
        var lines = [
            "What a gate answers: + admits, otherwise the status. By operation and by who asks; see AccessMatrixTests.swift."
        ]
        var cast: [Transport: Cast] = [:]
        for transport in Transport.allCases { cast[transport] = try await Cast(transport, Self.principals) }
        for transport in Transport.allCases {
            let cast = cast[transport]!
            lines += [
                "", "# over \(transport.rawValue)", "", row("", Self.principals.map { $0.replacing("_", with: "\n") }),
            ]
            for (method, route) in operations {
                let target = Examples.target(of: route)
                var cells: [String] = []
                for name in Self.principals { cells.append(await cast.ask(method, target, as: name)) }
                lines.append(row("\(method) \(route.template)", cells))
            }
        }
        for trick in Trick.all {
            var count = 0
            var others: [String] = []
            for (transport, cast) in cast.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                for (method, route) in operations {
                    let plain = Examples.target(of: route)
                    guard let (method, target) = trick.change(method, plain) else { continue }
                    for name in Self.principals {
                        let answer = await cast.ask(method, target, as: name, trick.headers)
                        let wanted =
                            switch trick.outcome {
                            case .unknown: cast.isSignedIn(name) ? "404" : "401"
                            case .wrongMethod: cast.isSignedIn(name) ? "405" : "401"
                            case .asGet: await cast.ask("GET", plain, as: name)
                            case .noBrowser where cast.isBrowser(name): "403"
                            case .noBrowser: await cast.ask(method, plain, as: name)
                            }
                        count += 1
                        if answer != wanted {
                            others.append("\(transport.rawValue) \(name) \(method) \(route.template): \(answer)")
                        }
                    }
                }
            }
            lines += [
                "", "# \(trick.name)", "", "\(count) requests, \(trick.outcome.rawValue); others: \(others.count)",
            ]
            lines += summary(others)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ name: String, _ cells: [String]) -> String {
        let heads = cells.map { $0.split(separator: "\n").map(String.init) }
        let height = heads.map(\.count).max() ?? 1
        return (0..<height).map { line in
            let texts = heads.map { $0.count > line ? $0[line] : "" }
            let padded = texts.map { $0.padding(toLength: 10, withPad: " ", startingAt: 0) }
            let first = line == 0 ? name : ""
            var text = first.padding(toLength: max(54, first.count + 1), withPad: " ", startingAt: 0) + padded.joined()
            while text.last == " " { text.removeLast() }
            return text
        }.joined(separator: "\n")
    }

    /// One line for each operation and answer, with who got it where.
    private func summary(_ lines: [String]) -> [String] {
        var groups: [(key: String, who: [String])] = []
        var index: [String: Int] = [:]
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
            let who = "\(parts[0]):\(parts[1])"
            if let known = index[parts[2]] {
                groups[known].who.append(who)
            } else {
                index[parts[2]] = groups.count
                groups.append((parts[2], [who]))
            }
        }
        var byWho: [(who: String, what: [String])] = []
        for group in groups {
            let who = group.who.joined(separator: " ")
            if let known = byWho.firstIndex(where: { $0.who == who }) {
                byWho[known].what.append(group.key)
            } else {
                byWho.append((who, [group.key]))
            }
        }
        return byWho.flatMap { [$0.who] + $0.what.map { "    \($0)" } }
    }
}

/// Those who ask, over one transport.
private struct Cast {
    private let house: House
    private let transport: AccessRequest.Transport
    private let shown: [String: HTTPHeaders]
    /// What stands behind the path of those whose link holds it.
    private let queries: [String: String]

    init(_ transport: AccessRequest.Transport, _ names: [String]) async throws {
        let url = transport == .tls ? "https://freshet.test" : nil
        let address = ListenAddress(transport == .tls ? "192.0.2.5:443" : "127.0.0.1:8640")!
        let house = House(
            Listener(address: address, hasTLS: transport == .tls, hasLogin: true, externalURL: url),
            files: ["/main.js"]
        )
        let visitor = SignIn.Visitor(address: nil, agent: nil, session: nil, isSecure: transport == .tls)
        for (name, role) in [
            ("viewer", AccessRole.viewer), ("operator", .operator), ("admin", .admin), ("gone", .admin),
        ] {
            try await house.add(name, role)
        }
        func session(_ name: String) async throws -> HTTPHeaders {
            let session = try await house.enter(name, visitor)
            return ["Cookie": session.sentBack, "X-CSRF-Token": session.csrfToken]
        }
        func bearer(_ token: Credential) -> HTTPHeaders { ["Authorization": "Bearer \(token.text)"] }
        var shown: [String: HTTPHeaders] = ["anonymous": [:]]
        shown["expired_session"] = try await session("admin")
        shown["expired_token"] = bearer(
            try await house.accounts.create(
                TokenRequest(name: "short", role: .admin, life: .seconds(3600)),
                by: House.requester
            ).credential
        )
        house.clock.advance(by: .seconds(13 * 3600))
        for role in ["viewer", "operator", "admin"] {
            shown[role] = try await session(role)
            shown["\(role)_token"] = bearer(try await house.token("\(role)-token", AccessRole(rawValue: role)))
        }
        shown["bound_token"] = bearer(try await house.token("bound", .admin, assets: "group:sales"))
        shown["ingest_token"] = bearer(try await house.token("ingest", nil, sources: []))
        let badge = try await house.badge("badge", of: "group:sales")
        (shown["badge_link"], shown["badge_as_token"]) = ([:], bearer(badge))
        shown["revoked_token"] = bearer(try await house.token("revoked", .admin))
        try await house.accounts.revoke("revoked", by: House.requester)
        let owner = Principal(actor: House.owner, title: "root", method: .socket, role: .admin)
        let link = try await house.signIn.link(for: owner).credential.text
        if case .signedIn(let session) = try await house.signIn.withLink(link, visitor) {
            shown["link"] = ["Cookie": session.sentBack, "X-CSRF-Token": session.csrfToken]
        }
        shown["revoked_session"] = try await session("gone")
        try await house.accounts.signOut("gone", by: House.requester)
        shown["disabled_user"] = try await session("gone")
        try await house.accounts.setDisabled(true, "gone", by: House.requester)
        (self.house, self.transport, self.shown) = (house, transport, shown)
        queries = ["badge_link": "?token=\(badge.text)"]
        #expect(Set(shown.keys) == Set(names))
    }

    /// Whether they are somebody here; a cookie is not looked at on the socket, a token is.
    func isSignedIn(_ name: String) -> Bool {
        let isStale = ["badge_as_token", "expired_token", "revoked_token"].contains(name)
        if transport == .unix { return !isStale }
        return !isStale
            && !["anonymous", "badge_link", "revoked_session", "expired_session", "disabled_user"].contains(name)
    }

    /// Whether they come with a cookie; on the socket nobody does.
    func isBrowser(_ name: String) -> Bool { transport != .unix && !name.hasSuffix("token") }

    func ask(_ method: String, _ target: String, as name: String, _ more: HTTPHeaders = [:]) async -> String {
        var headers = shown[name] ?? [:]
        if transport != .unix {
            headers["Host"] = transport == .tls ? "freshet.test" : "127.0.0.1:8640"
            if headers["Authorization"] == nil {
                headers["Origin"] = transport == .tls ? "https://freshet.test" : "http://127.0.0.1:8640"
                headers["Sec-Fetch-Site"] = "same-origin"
            }
        }
        for field in more.fields { headers[field.name] = field.value }
        let peer = transport == .unix ? nil : "192.0.2.7"
        let target = target + (queries[name] ?? "")
        let request = AccessRequest(method, target, over: transport, from: peer, headers: headers)
        let answer = await house.gate.admit(request)
        return answer.admission != nil ? "+" : String(answer.status)
    }
}

/// Another way to write a request, which has to lead nowhere.
private struct Trick: Sendable {
    enum Outcome: String {
        case asGet = "each as with GET"
        case noBrowser = "browsers refused by 403, all others as ever"
        case unknown = "each an unknown path: 401, or 404 for who is signed in"
        case wrongMethod = "each a wrong method: 401, or 405 for who is signed in"
    }

    var name: String
    var headers: HTTPHeaders = [:]
    var outcome = Outcome.unknown
    /// `nil` where it cannot be played.
    var change: @Sendable (_ method: String, _ target: String) -> (method: String, target: String)?

    private static func path(_ name: String, _ change: @escaping @Sendable (String) -> String?) -> Trick {
        Trick(name: name) { method, target in change(target).map { (method, $0) } }
    }

    private static func inserting(_ text: String, _ name: String) -> Trick {
        path(name) { target in
            // Before the last segment, where guards that cut at the end look.
            let slash = target.lastIndex(of: "/")!
            return target[..<slash] + text + target[slash...]
        }
    }

    static let all: [Trick] = [
        path("a slash more at the end") { $0 + "/" },
        path("two slashes at the beginning") { "/" + $0 },
        inserting("/", "two slashes within"),
        inserting("/.", "a segment that is a dot"),
        inserting("/x/..", "a segment that is two dots"),
        inserting("/%2e", "an encoded dot"),
        inserting("/x/%2e%2E", "two encoded dots"),
        path("an encoded slash") { target in
            let slash = target.lastIndex(of: "/")!
            return target[..<slash] + "%2f" + target[target.index(after: slash)...]
        },
        path("a backslash") { $0.replacing("/", with: "\\", maxReplacements: 2) },
        path("an encoded letter") { target in
            let letter = target.index(after: target.startIndex)
            let code = String(target[letter].asciiValue!, radix: 16)
            return "/%\(code)\(target[target.index(after: letter)...])"
        },
        path("the first letter in upper case") { target in
            let letter = target.index(after: target.startIndex)
            return "/" + target[letter].uppercased() + target[target.index(after: letter)...]
        },
        path("a parameter of the path") { $0 + ";x=/healthz" },
        path("a zero byte") { $0 + "%00" },
        path("a line's end") { $0 + "%0a" },
        path("an absolute form") { "http://127.0.0.1:8640" + $0 },
        path("a fragment") { $0 + "#/healthz" },
        path("a public path behind it") { $0 + "/healthz" },
        path("a public path before it") { "/healthz/.." + $0 },
        path("the address of a page behind it") { $0 + "/configs" },
        path("an endless path") { $0 + "/" + String(repeating: "a", count: 9000) },
        Trick(name: "a method in lower case", outcome: .wrongMethod) { method, target in (method.lowercased(), target)
        },
        Trick(name: "a method that nothing has", outcome: .wrongMethod) { _, target in ("PROPFIND", target) },
        Trick(name: "HEAD", outcome: .asGet) { method, target in method == "GET" ? ("HEAD", target) : nil },
        Trick(name: "OPTIONS", outcome: .wrongMethod) { method, target in
            method == "OPTIONS" ? nil : ("OPTIONS", target)
        },
        Trick(name: "another method by a header", headers: ["X-HTTP-Method-Override": "GET"], outcome: .wrongMethod) {
            $0 == "GET" ? ("PUT", $1) : nil
        },
        Trick(name: "another path by a header", headers: ["X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz"]) {
            ($0, $1 + "/x/y")
        },
        Trick(
            name: "a page of another site",
            headers: ["Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"],
            outcome: .noBrowser
        ) { $0 == "GET" ? nil : ($0, $1) },
        Trick(name: "another host", headers: ["Host": "evil.test"], outcome: .noBrowser) { ($0, $1) },
    ]
}
