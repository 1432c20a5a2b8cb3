/// An object's name: bytes, ordered by byte.
///
/// Not a String, which would take the two spellings of `é` for one key and order by Unicode.
struct ObjectKey: Hashable, Comparable, Sendable {
    var bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    init(_ text: String) { bytes = Array(text.utf8) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func hasPrefix(_ prefix: ObjectKey) -> Bool { bytes.starts(with: prefix.bytes) }

    /// The key up to and including the first `delimiter` after `prefix`, if there is one.
    func commonPrefix(after prefix: ObjectKey, delimiter: ObjectKey) -> ObjectKey? {
        guard !delimiter.bytes.isEmpty, bytes.count > prefix.bytes.count else { return nil }
        let size = delimiter.bytes.count
        var index = prefix.bytes.count
        while index + size <= bytes.count {
            if bytes[index..<index + size].elementsEqual(delimiter.bytes) { return ObjectKey(bytes[..<(index + size)]) }
            index += 1
        }
        return nil
    }

    static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
