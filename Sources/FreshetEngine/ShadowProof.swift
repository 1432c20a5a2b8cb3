import FreshetCore
import FreshetKit

/// Proves, or disproves, that a refresh which would have been skipped changed nothing.
enum ShadowProof {
    /// Does the work; around what only shadow asked for, the contents are compared.
    ///
    /// The finding is the member `shadow` of the details: `same` is true, false, or null where nobody could tell.
    static func materialize(_ kind: any AssetKind, _ step: StepContext) async -> StepOutcome {
        guard step.causes.contains(where: \.isShadow) else { return await kind.materialize(step) }
        // What a former process began may have changed something already.
        let before = step.resuming == nil ? await fingerprint(of: kind, step) : .failure("the process began anew")
        let outcome = await kind.materialize(step)
        guard case .succeeded(var success) = outcome else { return outcome }
        let after = await fingerprint(of: kind, step)
        var members: [String: JSONValue] = [:]
        if case .object(let details) = success.details { members = details }
        members["shadow"] = finding(before, after)
        success.details = .object(members)
        return .succeeded(success)
    }

    private enum Print {
        case contents(String)
        case failure(String)
    }

    private static func fingerprint(of kind: any AssetKind, _ step: StepContext) async -> Print {
        do {
            let text = try await kind.fingerprint(step)
            return text.map { .contents($0) } ?? .failure("\(type(of: kind).name) cannot tell what it holds")
        } catch {
            return .failure(step.surroundings.redactor.redact(String(describing: error)))
        }
    }

    private static func finding(_ before: Print, _ after: Print) -> JSONValue {
        switch (before, after) {
        case (.contents(let before), .contents(let after)):
            ["same": .boolean(before == after), "before": .text(before), "after": .text(after)]
        case (.failure(let reason), _), (_, .failure(let reason)): ["same": .null, "reason": .text(reason)]
        }
    }
}

extension Cause {
    fileprivate var isShadow: Bool { if case .shadowed = self { true } else { false } }
}
