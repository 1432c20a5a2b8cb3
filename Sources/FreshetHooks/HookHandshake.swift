package import FreshetKit

/// The answer to a site that asks whether it may send.
package struct HookHandshake: Hashable, Sendable {
    /// For `WebHook-Allowed-Origin`.
    package var origin: String
    /// For `WebHook-Allowed-Rate`, in a minute.
    package var perMinute: Int

    /// Fails where the hook is of another kind, or the site is not on its list.
    ///
    /// - Parameters:
    ///   - hook: who is asked.
    ///   - headers: of the request with the method `OPTIONS`.
    /// - SeeAlso: CloudEvents, http-webhook.md, section 4
    package init?(_ hook: HookDefinition, _ headers: HTTPHeaders) {
        let origins = headers.fields.filter { $0.name.lowercased() == "webhook-request-origin" }.map(\.value)
        guard hook.kind == .cloudevents, origins.count == 1, hook.origins.contains(origins[0].lowercased()) else {
            return nil
        }
        origin = origins[0]
        let wanted = headers["WebHook-Request-Rate"].flatMap { Int($0) } ?? hook.perMinute
        perMinute = min(max(1, wanted), hook.perMinute)
    }
}
