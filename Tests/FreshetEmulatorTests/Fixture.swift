@testable import FreshetEmulator

/// A world on a clock that stands still until a test moves it, asked without any socket.
final class Fixture {
    var world: World
    var moment = World.Moment(uptime: 1_000, wall: Instant(seconds: 1_790_000_000))
    var token = ""

    static let sales = "/v1.0/myorg/groups/f089354e-8366-4e18-aea3-4cb4a3a50b48/datasets/\(salesID)"
    static let salesID = "cfafbeb1-8037-4d0c-896e-a46fb27ff229"

    init(_ change: (inout EmulatorOptions) -> Void = { _ in }) {
        var options = EmulatorOptions()
        options.refreshDuration = 10
        change(&options)
        world = World(options, identifiers: Identifiers(seed: 1), at: moment)
        renewToken()
    }

    static let tokenPath = "/3f7a4c0e-5b1d-4e6a-9c21-8d0f6b2e7a15/oauth2/v2.0/token"
    static let grant = [
        "client_id": "b94d27f1-0c63-4a8e-8f52-6e1a9d3c7b40", "client_secret": "emulator~Secret.Value-8Q",
        "grant_type": "client_credentials", "scope": "https://analysis.windows.net/powerbi/api/.default",
    ]

    /// Fetches a new token, for tests that outlive the first.
    func renewToken() {
        token = ask("POST", Fixture.tokenPath, form: Fixture.grant)?.json?["access_token"]?.string ?? ""
    }

    /// Lets seconds pass.
    func wait(_ seconds: Double) {
        moment.uptime += seconds
        moment.wall = moment.wall + seconds
    }

    func ask(_ call: Call) -> Reply? {
        let receipt = world.receive(call, at: moment)
        return world.answer(call, receipt, at: moment)
    }

    func ask(_ method: String, _ target: String, _ body: JSON? = nil) -> Reply? {
        let headers = [(name: "authorization", value: "Bearer \(token)"), (name: "host", value: "emulator")]
        return ask(Call(method, target, headers: headers, body: body.map { Array($0.text.utf8) } ?? []))
    }

    func ask(_ method: String, _ target: String, form: [String: String]) -> Reply? {
        let fields = form.map { "\($0.key)=\(Percent.encoded($0.value.utf8))" }
        return ask(Call(method, target, body: Array(fields.joined(separator: "&").utf8)))
    }

    /// Starts a refresh of Sales and returns its id.
    func start(_ body: JSON? = ["type": "full"]) -> String {
        ask("POST", Fixture.sales + "/refreshes", body)?.header("RequestId") ?? ""
    }

    func details(_ id: String) -> Reply? { ask("GET", "\(Fixture.sales)/refreshes/\(id)") }

    func history() -> [JSON] {
        ask("GET", Fixture.sales + "/refreshes")?.json?["value"]?.elements ?? []
    }

    func script(_ action: JSON, kind: JSON = "refresh_post") {
        _ = ask("POST", "/_emulator/faults", ["action": action, "match": ["kind": kind]])
    }
}

extension Reply {
    var json: JSON? { JSON(bytes: body) }

    /// The `error.code` of a Power BI error.
    var errorCode: String? { json?["error"]?["code"]?.string }
}
