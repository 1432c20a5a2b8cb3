import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetAccess

struct RouteTableTests {
    /// One operation of docs/api/openapi.json.
    struct Operation: Hashable {
        var method: String
        var path: String
        var name: String
        var access: String
    }

    static func contract() throws -> [Operation] {
        let file = Place.root.appending(path: "docs/api/openapi.json")
        let document = try JSONValue(parsing: [UInt8](Data(contentsOf: file)))
        return (document["paths"]?.object ?? [:]).flatMap { path, methods in
            (methods.object ?? [:]).map { method, operation in
                Operation(
                    method: method.uppercased(),
                    path: path,
                    name: operation["operationId"]?.text ?? "",
                    access: operation["x-access"]?.text ?? ""
                )
            }
        }
    }

    @Test func `lets the command line ask for a run over the socket, and nobody else`() {
        let table = RouteTable.freshet(files: [])
        var principal = Principal(actor: Actor("user:root"), title: "root", method: .socket, role: .admin)
        guard case .admitted = table.decide(method: "POST", target: "/api/v1/triggers", principal) else {
            Issue.record("the owner of the socket is refused")
            return
        }
        principal.method = .token
        guard case .refused(.forbidden) = table.decide(method: "POST", target: "/api/v1/triggers", principal) else {
            Issue.record("a token is admitted")
            return
        }
    }

    @Test func `says what the contract says, route by route`() throws {
        let stated = Set(try Self.contract())
        let known = Set(
            RouteTable.api.map {
                Operation(
                    method: $0.method,
                    path: $0.template.description,
                    name: $0.operation ?? "",
                    access: $0.access.word
                )
            }
        )
        #expect(stated.count > 50)
        #expect(stated.subtracting(known).map(\.name).sorted() == [], "only in the contract")
        #expect(known.subtracting(stated).map(\.name).sorted() == [], "only in the table")
        #expect(known.count == RouteTable.api.count)
    }

    @Test func `has each operation once`() {
        let names = RouteTable.api.compactMap(\.operation)
        #expect(Set(names).count == names.count)
        #expect(AccessResources.operations.isSubset(of: names))
    }

    @Test func `leaves open only what says nothing, and what one signs in with`() {
        let open = RouteTable.api.filter { $0.access == .open }.compactMap(\.operation).sorted()
        #expect(open == ["finishOIDC", "getHealth", "getReady", "getSession", "signIn", "signInOIDC"])
    }

    @Test func `asks every effect for more than a viewer, unless it is the caller's own`() {
        let lenient = RouteTable.api.filter { route in
            route.method != "GET" && route.method != "OPTIONS" && route.access == .role(.viewer)
        }
        #expect(lenient.compactMap(\.operation).sorted() == ["changePassword", "createPlan", "signOut"])
        for route in RouteTable.api where route.method != "GET" && route.reach == .none {
            #expect([.open, .signature, .role(.viewer)].contains(route.access), "\(route.template)")
        }
    }

    @Test func `leads a path to one route of each method only`() throws {
        let table = RouteTable.freshet(files: ["/main.js", "/style/base.css"])
        for route in table.routes {
            let path = try #require(RoutePath(target: Examples.target(of: route)))
            let fitting = table.routes.filter { $0.method == route.method && $0.template.match(path) != nil }
            #expect(fitting == [route])
        }
    }

    @Test func `reads without a body where it reads with one`() {
        let table = RouteTable.freshet(files: [])
        #expect(table.match(method: "HEAD", target: "/healthz") == table.match(method: "GET", target: "/healthz"))
        #expect(table.match(method: "HEAD", target: "/api/v1/users/ana/disable") == .otherMethods(["POST"]))
        for method in ["get", "Get", "GET ", "TRACE", "CONNECT", "PROPFIND", ""] {
            #expect(table.match(method: method, target: "/healthz") == .otherMethods(["GET"]), "\(method)")
        }
    }

    @Test func `tells strangers nothing of what there is`() {
        let table = RouteTable.freshet(files: [])
        let unknown = table.decide(method: "GET", target: "/api/v1/nothing", nil)
        #expect(unknown == .refused(.unauthenticated(nil)))
        #expect(table.decide(method: "GET", target: "/api/v1/board", nil) == unknown)
        #expect(table.decide(method: "PUT", target: "/api/v1/board", nil) == unknown)
    }

    @Test func `bounds a token to its assets`() {
        let table = RouteTable.freshet(files: [])
        let token = Principal(
            actor: Actor("token:ci"),
            title: "ci",
            method: .token,
            role: .admin,
            assets: "group:sales"
        )
        #expect(table.decide(method: "POST", target: "/api/v1/users", token) == .refused(.outOfReach))
        #expect(table.decide(method: "POST", target: "/api/v1/config/reload", token) == .refused(.outOfReach))
        guard case .admitted = table.decide(method: "POST", target: "/api/v1/runs", token) else {
            Issue.record("runs of some assets are not admitted")
            return
        }
    }
}

struct PrincipalTests {
    @Test(arguments: AccessRole.allCases, AccessRole.allCases)
    func `may what their role and those below it may`(has: AccessRole, needs: AccessRole) {
        let principal = Principal(actor: Actor("user:ana"), title: "Ana", method: .password, role: has)
        let order: [AccessRole] = [.viewer, .operator, .admin]
        let expected = order.firstIndex(of: has)! >= order.firstIndex(of: needs)!
        #expect(Principal.may(principal, .role(needs)) == expected)
    }

    @Test func `are the daemon's owner on its socket alone`() {
        var principal = Principal(actor: Actor("user:root"), title: "root", method: .socket, role: .admin)
        #expect(Principal.may(principal, .socket))
        for method in AuditEntry.Method.allCases where method != .socket {
            principal.method = method
            #expect(!Principal.may(principal, .socket), "\(method)")
        }
        #expect(!Principal.may(nil, .socket))
    }

    @Test func `post events of their sources, and nothing else`() {
        var token = Principal(actor: Actor("token:dbt"), title: "dbt", method: .token, role: nil, sources: ["dbt"])
        #expect(Principal.may(token, .ingest))
        #expect(!Principal.may(token, .role(.viewer)))
        #expect(token.mayPostEvents(of: "dbt"))
        #expect(!token.mayPostEvents(of: "github"))
        token.sources = []
        #expect(token.mayPostEvents(of: "github"))
        (token.sources, token.role) = (nil, .viewer)
        #expect(!token.mayPostEvents(of: "dbt") && !Principal.may(token, .ingest))
        token.role = .operator
        #expect(token.mayPostEvents(of: "dbt") && Principal.may(token, .ingest))
    }

    @Test func `reach the assets that their selection names, and none when it cannot be read`() throws {
        let graph = try AssetGraph([AssetSpec(key: "sales/a"), AssetSpec(key: "sales/b"), AssetSpec(key: "stock/c")])
        var token = Principal(actor: Actor("token:ci"), title: "ci", method: .token, role: .operator)
        #expect(token.reaches(["sales/a", "stock/c"], in: graph))
        token.assets = "key:\"sales/*\""
        #expect(token.reaches(["sales/a", "sales/b"], in: graph))
        #expect(!token.reaches(["sales/a", "stock/c"], in: graph))
        for broken in ["(", "gone/away", ""] {
            token.assets = broken
            #expect(!token.reaches(["sales/a"], in: graph), "\(broken)")
        }
    }
}
