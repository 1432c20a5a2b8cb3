import Testing

@testable import FreshetAccess

struct RoutePathTests {
    @Test func `reads segments as they are`() throws {
        let path = try #require(RoutePath(target: "/api/v1/assets/powerbi:retail:sales?x=/../%2f"))
        #expect(path.segments.map(\.text) == ["api", "v1", "assets", "powerbi:retail:sales"])
        #expect(RoutePath(target: "/")?.segments == [])
        #expect(RoutePath(target: "/?a")?.segments == [])
    }

    @Test func `decodes once what may be encoded`() {
        #expect(RoutePath(target: "/caf%C3%A9")?.segments.map(\.text) == ["café"])
        #expect(RoutePath(target: "/a%20b%3Ac")?.segments.map(\.text) == ["a b:c"])
        #expect(RoutePath(target: "/a%3bb")?.segments.map(\.text) == ["a;b"])
    }

    @Test(arguments: [
        "", "runs", "//", "/runs/", "//runs", "/runs//x", "/./runs", "/runs/.", "/runs/..", "/../runs", "/%2e/runs",
        "/%2E%2E/runs", "/..%2fruns", "/runs%2fx", "/runs%2Fx", "/runs%5cx", "/runs\\x", "/runs%00", "/runs%0a",
        "/runs\u{0}", "/runs x", "/runs\t", "/runs#x", "/runs;a=b", "/runs;", "/r%75ns", "/%72uns", "/runs%", "/runs%2",
        "/runs%zz", "/runs%252fx", "/runs%25", "/runs%FF", "/runs%C0%AF", "/runs%ED%A0%80", "/ru%7Fns", "/r\u{E9}ns",
        "/runs%C2%85", "http://host/runs", "https://host/runs", "*", "host:443", "/runs<x>", "/runs|x", "/runs^",
        "/runs`",
        "/runs\"x", "/runs{x}", "?", "/runs/%2e%2e", "/runs/.%2e",
    ])
    func `is nothing where a trick stands`(target: String) {
        #expect(RoutePath(target: target) == nil)
    }

    @Test func `has an end`() {
        #expect(RoutePath(target: "/" + String(repeating: "a", count: 6000)) != nil)
        #expect(RoutePath(target: "/" + String(repeating: "a", count: 6200)) == nil)
        #expect(RoutePath(target: String(repeating: "/a", count: 41)) == nil)
    }

    @Test func `matches a template to the letter`() throws {
        let cancel = RouteTemplate("/api/v1/runs/{run}/cancel")
        func match(_ target: String) throws -> [String: String]? {
            cancel.match(try #require(RoutePath(target: target)))
        }
        #expect(try match("/api/v1/runs/0190-ab/cancel") == ["run": "0190-ab"])
        for other in [
            "/api/v1/runs/cancel", "/api/v1/runs/x/cancel/y", "/API/v1/runs/x/cancel", "/api/v1/runs/x/Cancel",
            "/api/v1/runs/x.y/cancel", "/api/v1/runs/x%20y/cancel", "/api/v1/runs/x:y/cancel",
            "/x/api/v1/runs/x/cancel",
            "/api/v1/runs/\(String(repeating: "a", count: 65))/cancel",
        ] {
            #expect(try match(other) == nil, "\(other)")
        }
    }

    @Test func `fills a place up to its ending, and the rest of a path`() throws {
        let badge = RouteTemplate("/badges/{asset}.svg")
        #expect(badge.match(try #require(RoutePath(target: "/badges/a:b.c.svg"))) == ["asset": "a:b.c"])
        for other in ["/badges/.svg", "/badges/a.SVG", "/badges/a.svg.png", "/badges/a"] {
            #expect(badge.match(try #require(RoutePath(target: other))) == nil, "\(other)")
        }
        let page = RouteTemplate("/assets/{asset...}")
        #expect(
            page.match(try #require(RoutePath(target: "/assets/powerbi/retail/sales"))) == [
                "asset": "powerbi/retail/sales"
            ]
        )
        #expect(page.match(try #require(RoutePath(target: "/assets"))) == nil)
    }

    @Test func `takes a source only as a slug`() throws {
        let hook = RouteTemplate("/hooks/{source}")
        #expect(hook.match(try #require(RoutePath(target: "/hooks/dbt-cloud_1"))) != nil)
        for other in ["/hooks/DBT", "/hooks/a.b", "/hooks/a:b", "/hooks/caf%C3%A9"] {
            #expect(hook.match(try #require(RoutePath(target: other))) == nil, "\(other)")
        }
    }
}
