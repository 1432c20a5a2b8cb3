import FreshetCore
package import FreshetKit

/// Counts the requests that go through it.
package struct MeteredTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let service: String
    private let meters: Meters
    private let clock: any EngineClock

    /// - Parameters:
    ///   - base: sends the requests.
    ///   - service: what the figures call the other side, such as `powerbi`.
    ///   - meters: where they are counted.
    ///   - clock: tells how long they took.
    package init(_ base: any HTTPTransport, service: String, meters: Meters, clock: any EngineClock) {
        self.base = base
        self.service = service
        self.meters = meters
        self.clock = clock
    }

    /// The same way out, counted for another side.
    package func serving(_ service: String) -> MeteredTransport {
        MeteredTransport(base, service: service, meters: meters, clock: clock)
    }

    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let began = clock.now
        defer { meters.observe(.remoteRequestDuration, service, took: clock.now - began) }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await base.send(request)
        } catch {
            meters.count(.remoteRequests, service, error.reason == .cancelled ? "cancelled" : "error")
            throw error
        }
        meters.count(.remoteRequests, service, "\(response.status / 100)xx")
        // Some say it by a 503 that names a time.
        if response.status == 429 || response.status == 503 && response.headers["Retry-After"] != nil {
            meters.count(.remoteThrottled, service)
        }
        return response
    }
}
