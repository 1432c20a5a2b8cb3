private import FoundationEssentials

/// Takes a JSON object that comes in pieces apart, and keeps of it only the values that are wanted.
///
/// So a document of 100 MB costs no more memory than its largest value and what is made of the values. What is passed
/// over is checked no further than that its quotes and brackets close.
///
/// - SeeAlso: RFC 8259.
struct JSONMembers {
    /// What is wanted of a member of the document.
    enum Wish {
        case nothing
        /// Its value, in one piece.
        case value
        /// If it is an object, those of its own members that `wants` says yes to.
        case members(_ wants: @Sendable (_ name: String) -> Bool)
    }

    /// Where a value stood, and its bytes as they were written.
    struct Member {
        var section: String
        /// `nil` where the section's whole value was asked for.
        var name: String?
        var bytes: [UInt8]
    }

    enum Failure: Error, Hashable {
        case empty
        /// It ended in the middle, or is no JSON at this byte.
        case malformed(offset: Int)
        /// It is JSON, and no object.
        case noObject
    }

    private enum State {
        case start
        case key
        case inKey
        case colon
        case value
        case inValue
        case comma
        case end
    }

    /// The members that the document has had so far, but for those that should have been objects and are not.
    private(set) var sections: Set<String> = []

    private let wish: @Sendable (String) -> Wish
    private var state = State.start
    /// 1 in the document, 2 in a section whose members are asked for.
    private var level = 0
    private var mayClose = false
    private var key: [UInt8] = []
    private var section = ""
    private var sectionWish = Wish.nothing
    private var name = ""
    private var keeps = false
    private var value: [UInt8] = []
    /// Of the value that is being read: how many brackets are open.
    private var depth = 0
    private var isText = false
    private var isScalar = false
    private var isEscaped = false
    private var offset = 0

    init(_ wish: @escaping @Sendable (_ section: String) -> Wish) { self.wish = wish }

    /// Reads on; `take` is given each wanted value when it is complete.
    mutating func read(_ piece: [UInt8], _ take: (Member) throws -> Void) throws {
        try piece.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                if state == .inValue {
                    index = try readValue(bytes, from: index, take)
                } else {
                    if try step(bytes[index]) { index += 1 }
                }
            }
        }
        offset += piece.count
    }

    /// Says that there is no more.
    func finish() throws(Failure) {
        if state == .start { throw .empty }
        guard state == .end else { throw .malformed(offset: offset) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private var malformed: Failure { .malformed(offset: offset) }

    /// - Returns: whether the byte is done with; false where a value begins with it.
    private mutating func step(_ byte: UInt8) throws(Failure) -> Bool {
        if state == .inKey {
            try readKey(byte)
            return true
        }
        if Self.isSpace(byte) { return true }
        switch (state, byte) {
        case (.start, UInt8(ascii: "{")): open()
        case (.start, UInt8(ascii: "[")), (.start, UInt8(ascii: "\"")): throw .noObject
        case (.key, UInt8(ascii: "\"")):
            key = []
            state = .inKey
        case (.key, UInt8(ascii: "}")) where mayClose: close()
        case (.colon, UInt8(ascii: ":")): state = .value
        case (.value, _): return beginValue(byte)
        case (.comma, UInt8(ascii: ",")):
            mayClose = false
            state = .key
        case (.comma, UInt8(ascii: "}")): close()
        default: throw malformed
        }
        return true
    }

    private mutating func open() {
        level += 1
        mayClose = true
        state = .key
    }

    private mutating func close() {
        level -= 1
        state = level == 0 ? .end : .comma
    }

    private mutating func readKey(_ byte: UInt8) throws(Failure) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            let text = try Self.text(key, or: malformed)
            if level == 1 { section = text } else { name = text }
            state = .colon
            return
        }
        key.append(byte)
    }

    private static func text(_ raw: [UInt8], or failure: Failure) throws(Failure) -> String {
        guard raw.contains(UInt8(ascii: "\\")) else { return String(decoding: raw, as: UTF8.self) }
        let quote = UInt8(ascii: "\"")
        // What cannot be read as a text of JSON is none.
        guard let text = try? JSONDecoder().decode(String.self, from: Data([quote] + raw + [quote])) else {
            throw failure
        }
        return text
    }

    private mutating func beginValue(_ byte: UInt8) -> Bool {
        if level == 1 {
            sectionWish = wish(section)
            if case .members = sectionWish {
                guard byte == UInt8(ascii: "{") else {
                    sectionWish = .nothing
                    return begin(byte)
                }
                sections.insert(section)
                open()
                return true
            }
            sections.insert(section)
        }
        return begin(byte)
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        switch sectionWish {
        case .members(let wants): keeps = level == 2 && wants(name)
        case .value: keeps = true
        case .nothing: keeps = false
        }
        value = []
        depth = 0
        isText = false
        isEscaped = false
        isScalar = byte != UInt8(ascii: "{") && byte != UInt8(ascii: "[") && byte != UInt8(ascii: "\"")
        state = .inValue
        return false
    }

    /// - Returns: where the value ends, or the piece.
    private mutating func readValue(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        _ take: (Member) throws -> Void
    ) throws -> Int {
        var index = start
        var isOver = false
        if isScalar {
            while index < bytes.count {
                let byte = bytes[index]
                if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || Self.isSpace(byte) {
                    isOver = true
                    break
                }
                index += 1
            }
        } else {
            while index < bytes.count, !isOver { isOver = passed(bytes[index]); index += 1 }
        }
        if keeps { value.append(contentsOf: bytes[start..<index]) }
        guard isOver else { return index }
        state = .comma
        if keeps {
            let member = Member(section: section, name: level == 2 ? name : nil, bytes: value)
            value = []
            try take(member)
        }
        return index
    }

    /// - Returns: whether the value ends with this byte.
    private mutating func passed(_ byte: UInt8) -> Bool {
        if isText {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isText = false
                return depth == 0
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isText = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            return depth == 0
        default: break
        }
        return false
    }
}
