/// Why a stored value could not be read back.
///
/// It happens when another program wrote into the store, or a newer Freshet that did not change the format's number.
enum CodecError: Error, Hashable {
    /// A word that this version does not know, such as a cause added later.
    case unknownWord(String, of: String)
    /// A text that does not have the shape of what it stands for.
    case malformed(String, of: String)
}

extension RawRepresentable where RawValue == String {
    /// The case of this word.
    init(word: String) throws(CodecError) {
        guard let value = Self(rawValue: word) else { throw .unknownWord(word, of: String(describing: Self.self)) }
        self = value
    }
}
