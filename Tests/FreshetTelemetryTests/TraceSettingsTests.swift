import Testing

@testable import FreshetTelemetry

@Suite struct `Where traces go` {
    private func settings(_ variables: [String: String]) -> TraceSettings? {
        TraceSettings(variables, version: "1.2.3")
    }

    @Test func `is nowhere unless the environment names an endpoint`() {
        #expect(settings([:]) == nil)
        #expect(settings(["OTEL_EXPORTER_OTLP_ENDPOINT": " "]) == nil)
    }

    @Test(arguments: ["http://c:4318", "http://c:4318/"])
    func `is the endpoint's path for traces`(endpoint: String) {
        #expect(settings(["OTEL_EXPORTER_OTLP_ENDPOINT": endpoint])?.url == "http://c:4318/v1/traces")
    }

    @Test func `is the endpoint of traces as it stands, before the other`() {
        let found = settings([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://t/otlp?x=1",
        ])
        #expect(found?.url == "https://t/otlp?x=1")
    }

    @Test func `is a collector of this machine where only the exporter is named`() {
        #expect(settings(["OTEL_TRACES_EXPORTER": "otlp"])?.url == "http://localhost:4318/v1/traces")
    }

    @Test(arguments: [
        ["OTEL_SDK_DISABLED": "True"], ["OTEL_TRACES_EXPORTER": "none"], ["OTEL_TRACES_EXPORTER": "zipkin"],
    ])
    func `is nowhere where they are turned off`(variables: [String: String]) {
        let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"]
        #expect(settings(endpoint.merging(variables) { $1 }) == nil)
    }

    @Test func `comes with headers, decoded, those of traces first`() {
        let found = settings([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_HEADERS": " a = 1%2C2 , b=x=y,broken, c=%zz",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=z",
        ])
        #expect(found?.headers == ["a": "1,2", "b": "z", "c": "%zz"])
    }

    @Test func `knows which of its headers are secrets`() {
        let found = settings([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c",
            "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20abc123,X-Scope-OrgID=prod",
        ])
        #expect(found?.secrets == ["Bearer abc123", "abc123"])
    }

    @Test func `says what sends them, by the name that is stated last`() {
        let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"]
        #expect(settings(endpoint)?.resource == ["service.name": "freshet", "service.version": "1.2.3"])
        let stated = endpoint.merging([
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,deployment.environment=prod", "OTEL_SERVICE_NAME": "retail",
        ]) { $1 }
        let resource = settings(stated)?.resource
        #expect(resource?["service.name"] == "retail")
        #expect(resource?["deployment.environment"] == "prod")
    }

    @Test func `is shown without what may be secret`() {
        let found = settings(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://user:pass@c:4318/token/abc?key=1"])
        #expect(found?.shownAddress == "https://c:4318")
    }

    @Test func `tells what was asked for and is not done`() {
        let found = settings([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "soon",
        ])
        #expect(found?.warnings.count == 2)
        #expect(found?.timeout == .seconds(10))
    }
}
