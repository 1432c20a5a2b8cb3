import FreshetTelemetry
import Testing

@testable import FreshetServer

@Suite struct `The text for Prometheus` {
    @Test func `has each family with its help and type, and each sample in a line`() {
        var text = PrometheusText()
        text.add("a_total", .counter, "How many.", [([("x", "1"), ("y", "2")], 3), ([], 0.25)])
        text.add("b", .gauge, "Now.", .infinity)
        #expect(
            text.text == """
                # HELP a_total How many.
                # TYPE a_total counter
                a_total{x="1",y="2"} 3
                a_total 0.25
                # HELP b Now.
                # TYPE b gauge
                b +Inf

                """
        )
    }

    @Test func `escapes what would end a label, a line break after a carriage return too`() {
        var text = PrometheusText()
        text.add("a", .gauge, "One\nline\\.", [([("x", "q\"b\\n\nr\r\nü")], 1)])
        #expect(text.text.contains("# HELP a One\\nline\\\\.\n"))
        #expect(text.text.contains("a{x=\"q\\\"b\\\\n\\nr\r\\nü\"} 1\n"))
    }

    @Test func `adds up the buckets of a histogram`() {
        var histogram = Histogram(bounds: [0.5, 1])
        for value in [0.25, 0.75, 0.75, 7] { histogram.observe(value) }
        var text = PrometheusText()
        text.add("a", "Times.", [([("k", "v")], histogram)])
        let samples = text.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            samples == [
                #"a_bucket{k="v",le="0.5"} 1"#, #"a_bucket{k="v",le="1"} 3"#, #"a_bucket{k="v",le="+Inf"} 4"#,
                #"a_sum{k="v"} 8.75"#, #"a_count{k="v"} 4"#,
            ]
        )
    }

    @Test func `has families of meters in one order, those without labels from the beginning`() {
        let meters = Meters()
        for name in ["b", "a"] { meters.count(.remoteThrottled, name) }
        var text = PrometheusText()
        for family in Family.allCases { text.add(family, meters.now) }
        let samples = text.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(samples.contains("freshet_invariant_violations_total 0"))
        #expect(samples.contains("freshet_tick_duration_seconds_count 0"))
        let throttled = samples.filter { $0.hasPrefix("freshet_remote_throttled") }
        #expect(
            throttled == [
                #"freshet_remote_throttled_total{service="a"} 1"#, #"freshet_remote_throttled_total{service="b"} 1"#,
            ]
        )
    }

    @Test func `is not stopped by a line break with a carriage return in a help text`() {
        var text = PrometheusText()
        text.add("a", .gauge, "One\r\nline.", 1)
        #expect(text.text.split(separator: "\n", omittingEmptySubsequences: false).count == 4)
    }

    @Test func `tells of this process`() {
        var text = PrometheusText()
        ProcessFigures().write(to: &text)
        for name in ["process_cpu_seconds_total", "process_open_fds", "process_start_time_seconds"] {
            let line = text.text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            #expect((line?.split(separator: " ").last.flatMap { Double($0) } ?? 0) > 0, "\(name)")
        }
    }
}
