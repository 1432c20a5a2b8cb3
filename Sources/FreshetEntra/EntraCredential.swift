/// A way to sign in: it makes a token for one resource.
///
/// Everything it was given may hold references; they are resolved at each request, so that rotation needs no restart.
protocol EntraCredential: Sendable {
    /// Signs in; the scope names one resource and ends in `/.default`, and is resolved.
    func obtain(_ scope: String) async -> Result<Token, EntraError>
}
