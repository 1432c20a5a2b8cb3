/// How much of an answer was read, and how much may be.
struct SQLAnswerSize {
    static let longestValue = 1 << 20
    static let longestAnswer = 16 << 20

    private var bytes = 0

    /// Counts a value in before it is copied.
    ///
    /// - Throws: ``SQLError/tooLarge(_:)``.
    mutating func add(_ length: Int, to column: String) throws(SQLError) {
        guard length <= Self.longestValue else {
            throw .tooLarge("a value of \(column) has \(length) bytes, and 1 MiB is the most")
        }
        bytes += length
        guard bytes <= Self.longestAnswer else { throw .tooLarge("it has more than 16 MiB") }
    }
}
