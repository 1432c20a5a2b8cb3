import Testing

@testable import FreshetCore

@Suite struct `A duration` {
    @Test(
        arguments: [
            ("90s", 90_000), ("15m", 900_000), ("2h", 7_200_000), ("1d", 86_400_000), ("1h30m", 5_400_000),
            ("500ms", 500), ("1d2h3m4s5ms", 93_784_005), ("2h 5m", 7_500_000), ("0s", 0), ("1s500ms", 1500),
            ("1.5h", 5_400_000), ("0.1s", 100),
        ] as [(String, Int64)]
    ) func `is read as it is written in a file`(text: String, milliseconds: Int64) {
        #expect(Duration(parsing: text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "5", "m", "-5m", "1.h", ".5h", "1.2.3h", "30m1h", "1h1h", "1 h", " 1h", "1w", "1H", "1h30",
        "99999999999999999d", "99999999999999999.5d", "1h,5m", "٣m",
    ]) func `is nothing else`(text: String) { #expect(Duration(parsing: text) == nil) }

    @Test(
        arguments: [
            (7_500_000, "2h 5m"), (45_000, "45s"), (0, "0s"), (500, "500ms"), (1500, "1s"), (86_400_000, "1d"),
            (86_400_000 + 300_000, "1d"), (86_400_000 * 3 + 7_200_000, "3d 2h"), (90_000, "1m 30s"),
            (3_599_999, "59m 59s"), (-7_500_000, "-2h 5m"),
        ] as [(Int64, String)]
    ) func `is shown by its two largest units`(milliseconds: Int64, text: String) {
        #expect(Duration.milliseconds(milliseconds).briefly == text)
    }

    @Test(arguments: 0..<200) func `that is shown reads back without what was cut off`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let scale: Int64 = [1, 1000, 60_000, 3_600_000, 86_400_000].randomElement(using: &generator)!
        let duration = Duration.milliseconds(Int64.random(in: 0...1000, using: &generator) * scale)
        let read = try #require(Duration(parsing: duration.briefly))
        #expect(read <= duration)
        #expect(read.briefly == duration.briefly)
    }
}
