import FreshetTelemetry

/// The text format of Prometheus, version 0.0.4: a family at a time, each with its type.
///
/// - SeeAlso: prometheus.io/docs/instrumenting/exposition_formats.
struct PrometheusText {
    enum Kind: String { case counter, gauge, histogram }

    typealias Labels = [(String, String)]

    private(set) var text = ""

    /// A family with one sample for each combination of labels, which are written in the order in which they are given.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: Labels, value: Double)]) {
        begin(name, kind, help)
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        add(name, kind, help, [([], value)])
    }

    mutating func add(_ name: String, _ help: String, _ histograms: [(labels: Labels, histogram: Histogram)]) {
        begin(name, .histogram, help)
        for (labels, histogram) in histograms {
            var sum = 0
            for (bound, count) in zip(histogram.bounds, histogram.counts) {
                sum += count
                line(name + "_bucket", labels + [("le", Self.number(bound))], Double(sum))
            }
            line(name + "_bucket", labels + [("le", "+Inf")], Double(histogram.count))
            line(name + "_sum", labels, histogram.sum)
            line(name + "_count", labels, Double(histogram.count))
        }
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{"
            for (place, label) in labels.enumerated() {
                text += "\(place > 0 ? "," : "")\(label.0)=\"\(Self.escaped(label.1))\""
            }
            text += "}"
        }
        text += " \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value.isNaN { return "NaN" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    /// By scalars: for `String`, a carriage return and the line feed behind it are one character.
    private static func escaped(_ text: String, quotes: Bool = true) -> String {
        guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"" where quotes: escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension PrometheusText {
    /// A family of meters as it now is.
    mutating func add(_ family: Family, _ figures: Meters.Figures) {
        func labels(_ values: [String]) -> Labels { Array(zip(family.labels, values)) }
        guard family.bounds != nil else {
            let counts = figures.counters[family, default: [:]].sorted { $0.key.lexicographicallyPrecedes($1.key) }
            add(family.rawValue, .counter, family.help, counts.map { (labels($0.key), Double($0.value)) })
            return
        }
        let histograms = figures.histograms[family, default: [:]].sorted { $0.key.lexicographicallyPrecedes($1.key) }
        add(family.rawValue, family.help, histograms.map { (labels($0.key), $0.value) })
    }
}
