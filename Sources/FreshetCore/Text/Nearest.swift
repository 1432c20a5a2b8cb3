/// The word that a mistyped one most likely meant.
///
/// Case is ignored; a word that is altogether different is no suggestion. Of equally near candidates the first in
/// alphabetical order wins, so that the answer does not depend on their order.
///
/// - Parameters:
///   - word: what was written.
///   - candidates: what could have been written; 100,000 of them take a fraction of a second.
/// - Returns: one of `candidates`, at most a third of the word's length and 4 edits away, or `nil`; nothing is near to
///   an empty word.
public func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
    var search = NearestSearch(word)
    for candidate in candidates { search.consider(candidate) }
    return search.best?.word
}

/// A search for the candidate at the least edit distance.
///
/// The distance is the number of insertions, deletions, substitutions and swaps of neighbours that turn one word into
/// the other (optimal string alignment: Damerau, CACM 1964, with no edit inside a swap).
struct NearestSearch {
    private(set) var best: (word: String, distance: Int)?
    /// How many cells of distance tables were computed: what the search has cost.
    private(set) var cells = 0

    private let word: [Unicode.Scalar]
    /// Nothing beyond this distance is of interest.
    private var limit: Int

    init(_ word: String) {
        self.word = Array(word.lowercased().unicodeScalars)
        limit = min(4, max(1, self.word.count / 3))
    }

    mutating func consider(_ candidate: String) {
        let letters = Array(candidate.lowercased().unicodeScalars)
        guard abs(letters.count - word.count) <= limit, let distance = distance(to: letters) else { return }
        // A distance as long as the words leaves nothing of either: `x` does not mean `y`.
        guard distance == 0 || distance < max(letters.count, word.count) else { return }
        if let best, (best.distance, best.word) <= (distance, candidate) { return }
        best = (candidate, distance)
        limit = distance
    }

    /// Fills only the band of the table in which a distance within the limit can lie.
    ///
    /// - Returns: `nil` when the distance is greater than the limit.
    private mutating func distance(to other: [Unicode.Scalar]) -> Int? {
        let tooFar = limit + 1
        var beforePrevious = [Int](repeating: tooFar, count: word.count + 2)
        var current = beforePrevious
        var previous = (0...word.count + 1).map { min($0, tooFar) }
        var leastOfPrevious = 0
        for row in other.indices {
            let band = max(0, row - limit)..<min(word.count, row + limit + 1)
            guard !band.isEmpty || word.isEmpty else { return nil }
            // The rows are reused: what borders on the band may be left over from an earlier one.
            current[band.lowerBound] = band.lowerBound == 0 ? min(row + 1, tooFar) : tooFar
            current[band.upperBound + 1] = tooFar
            var least = current[band.lowerBound]
            for column in band {
                let cost = other[row] == word[column] ? 0 : 1
                var value = min(previous[column] + cost, previous[column + 1] + 1, current[column] + 1, tooFar)
                if row > 0, column > 0, other[row] == word[column - 1], other[row - 1] == word[column] {
                    value = min(value, beforePrevious[column - 1] + 1)
                }
                current[column + 1] = value
                least = min(least, value)
            }
            cells += band.count
            // A swap reaches back two rows, so one row beyond the limit is not the end.
            if least > limit, leastOfPrevious > limit { return nil }
            leastOfPrevious = least
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[word.count] <= limit ? previous[word.count] : nil
    }
}
