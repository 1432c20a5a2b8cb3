/// The small XML documents that S3 answers with, as a tree of elements and texts.
///
/// Attributes, comments and processing instructions are passed over; a document type is refused, and with it every
/// entity that a document could define.
///
/// - SeeAlso: Extensible Markup Language (XML) 1.0, fifth edition.
struct XMLTree: Equatable {
    /// Without a namespace prefix.
    var name: String
    /// The character data directly in the element.
    var text = ""
    var children: [XMLTree] = []

    /// The first child of that name.
    subscript(name: String) -> XMLTree? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLTree] { children.filter { $0.name == name } }

    /// - Throws: ``XMLError`` when the bytes are not one well-formed element within ``XMLReader``'s limits.
    init(parsing bytes: [UInt8]) throws(XMLError) {
        var reader = XMLReader(bytes)
        self = try reader.document()
    }

    init(name: String) { self.name = name }
}

/// Where a document is not what it should be, in bytes from its beginning.
struct XMLError: Error, Equatable {
    var offset: Int
}
