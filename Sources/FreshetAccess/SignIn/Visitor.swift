import FreshetKit

extension SignIn {
    /// A browser that wants in.
    package struct Visitor: Hashable, Sendable {
        package var address: String?
        /// `User-Agent`.
        package var agent: String?
        /// Of the session that it has already, which the new one replaces.
        package var session: String?
        /// Whether its cookies are for TLS.
        package var isSecure: Bool

        package init(address: String?, agent: String?, session: String?, isSecure: Bool) {
            self.address = address
            self.agent = agent.map { String($0.prefix(200)) }
            self.session = session
            self.isSecure = isSecure
        }

        /// From a request as the gate admitted it.
        package init(_ request: AccessRequest, _ admission: Admission) {
            self.init(
                address: admission.address,
                agent: request.headers["User-Agent"],
                session: admission.principal?.method == .token ? nil : admission.principal?.credential,
                isSecure: admission.isSecure
            )
        }
    }
}
