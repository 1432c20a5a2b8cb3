/// What is wrong with a file that an emulator was given.
public struct EmulatorFileError: Error, Equatable, CustomStringConvertible {
    public var file: String
    /// From 1; nil where the file as a whole is meant.
    public var line: Int?
    /// From 1.
    public var column: Int?
    public var message: String

    init(file: String, line: Int? = nil, column: Int? = nil, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `faults.yaml:3:5`.
    public var place: String { file + [line, column].compactMap(\.self).map { ":\($0)" }.joined() }

    /// `faults.yaml:3:5: unknown member action.statsu`.
    public var description: String { "\(place): \(message)" }
}
