import FreshetCore
import FreshetKit

/// One request that was admitted, with all that its answer may be made from.
package struct Call: Sendable {
    package let method: String
    package let path: String
    /// What stands in the path for the template's names.
    package let parameters: [String: String]
    package let query: Query
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    package let admission: Admission
    package let context: ServerContext
    /// Whether the gate would let the same request in now; for answers that go on for long.
    package let isStillAdmitted: @Sendable () async -> Bool

    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The span that the caller asks in; one that is malformed, or not alone, is as if it were not there.
    var traceParent: TraceParent? {
        let given = headers.filter { $0.name == "traceparent" }
        return given.count == 1 ? TraceParent(given[0].value) : nil
    }

    var store: any RunStore { context.store }
    var project: Project { context.project }
    var now: Timestamp { context.clock.now }
    var actor: Actor { admission.actor }

    /// The key that the path has, with `:` for `/`; of an asset or of none.
    var assetKey: AssetKey { AssetKey((parameters["asset"] ?? "").replacing(":", with: "/")) }

    /// The asset that the path names.
    func asset() throws(Problem) -> AssetSpec {
        let key = assetKey
        guard let spec = project.graph[key] else { throw .unknownAsset(key, in: project.graph) }
        return spec
    }

    /// The asset that a parameter of the query names; of one that is not there, lists have nothing.
    func asset(named name: String) throws(Problem) -> AssetKey? {
        guard let text = query[name] else { return nil }
        guard !text.isEmpty else { throw .bad(name, "is empty") }
        return AssetKey(text)
    }

    /// The assets that the query selects, in graph order; all of them without a selection.
    func selected() throws(Problem) -> [AssetSpec] { try project.selected(query["selection"]) }

    /// The body as one JSON object with these members, and no others.
    ///
    /// A mistyped name is refused, as what is left out often means more: a pause without its asset is one of everything.
    func object(_ names: String...) throws(Problem) -> Members {
        let members = try anyObject()
        if let unknown = members.names.subtracting(names).min() {
            throw Problem(
                .badRequest,
                "/\(unknown) is not known here.",
                nearest: nearest(unknown, among: names),
                errors: [Problem.Mistake("/\(unknown)", "is not known here")]
            )
        }
        return members
    }

    private func anyObject() throws(Problem) -> Members {
        try requireType("application/json")
        guard !body.isEmpty else { return Members([:]) }
        let value: JSONValue
        do { value = try JSONValue(parsing: body) } catch { throw Problem(.badRequest, "The body is not JSON.") }
        guard let members = value.object else { throw Problem(.badRequest, "The body has to be a JSON object.") }
        return Members(members)
    }

    /// - Throws: ``Problem`` when the body is said to be of another type.
    func requireType(_ type: String) throws(Problem) {
        let stated = header("content-type").map { String($0.prefix { $0 != ";" }).lowercased() } ?? ""
        guard stated.filter({ $0 != " " }) == type else {
            throw Problem(.unsupportedMediaType, "The body has to be \(type); the header says '\(stated)'.")
        }
    }
}

extension Project {
    func selected(_ text: String?) throws(Problem) -> [AssetSpec] {
        guard let text else { return graph.ordered }
        do throws(SelectionError) {
            let chosen = try Selection(parsing: text).resolve(in: graph)
            return graph.ordered.filter { chosen.contains($0.key) }
        } catch {
            throw Problem(error, in: text)
        }
    }
}
