import Foundation

/// A JSON document, asked by member and index; what is not there is `null`.
struct JSON: @unchecked Sendable, CustomStringConvertible {
    // Made of the immutable classes of JSONSerialization alone.
    private let value: Any

    init(_ value: Any) { self.value = value }

    /// - Throws: an error of JSONSerialization when there is anything besides one document.
    init(parsing text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    subscript(_ member: String) -> JSON { JSON((value as? [String: Any])?[member] ?? NSNull()) }
    subscript(_ index: Int) -> JSON { list.indices.contains(index) ? list[index] : JSON(NSNull()) }

    var text: String? { value as? String }
    var integer: Int? { (value as? NSNumber)?.intValue }
    var list: [JSON] { (value as? [Any])?.map { JSON($0) } ?? [] }
    var isNull: Bool { value is NSNull }

    /// The element of a list whose member has this text.
    func first(_ member: String, _ text: String) -> JSON { list.first { $0[member].text == text } ?? JSON(NSNull()) }

    var description: String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes]
        let data = try? JSONSerialization.data(withJSONObject: value, options: options)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    }
}
