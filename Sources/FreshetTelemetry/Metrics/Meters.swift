import FreshetCore
import Synchronization

/// What has been counted since the daemon began; every figure starts at 0 with it.
package final class Meters: Sendable {
    /// All figures of one moment.
    package struct Figures: Sendable {
        /// By the values of the labels, in the family's order.
        package fileprivate(set) var counters: [Family: [[String]: Int]] = [:]
        package fileprivate(set) var histograms: [Family: [[String]: Histogram]] = [:]
    }

    private let figures: Mutex<Figures>

    /// A family without labels is there from the beginning, at 0.
    package init() {
        var figures = Figures()
        for family in Family.allCases where family.labels.isEmpty {
            if let bounds = family.bounds {
                figures.histograms[family] = [[]: Histogram(bounds: bounds)]
            } else {
                figures.counters[family] = [[]: 0]
            }
        }
        self.figures = Mutex(figures)
    }

    /// Adds to a counter.
    ///
    /// - Parameters:
    ///   - family: a counter.
    ///   - labels: as many values as it has labels.
    ///   - times: zero or more.
    package func count(_ family: Family, _ labels: String..., times: Int = 1) {
        figures.withLock { $0.counters[family, default: [:]][labels, default: 0] += times }
    }

    /// Adds a duration to a histogram.
    package func observe(_ family: Family, _ labels: String..., took duration: Duration) {
        let empty = Histogram(bounds: family.bounds ?? [])
        figures.withLock {
            $0.histograms[family, default: [:]][labels, default: empty].observe(duration.inSeconds)
        }
    }

    /// All figures as they are now.
    package var now: Figures { figures.withLock { $0 } }
}
