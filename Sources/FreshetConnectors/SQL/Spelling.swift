/// Finds what a misspelt word was perhaps meant to be.
enum Spelling {
    /// The candidate that takes the fewest edits, where those are at most a third of the word's letters.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let word = Array(word.lowercased())
        let ranked = candidates.map { (candidate: $0, distance: distance(word, Array($0.lowercased()))) }
        guard let best = ranked.min(by: { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }),
            best.distance <= max(1, word.count / 3)
        else { return nil }
        return best.candidate
    }

    /// The distance of Levenshtein: insertions, deletions and replacements.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (i, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, candidate) in other.enumerated() {
                let replaced = diagonal + (letter == candidate ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
