/// An XML element, for writing.
struct XML: Sendable {
    var name: String
    var text: String
    var children: [XML]

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
        children = []
    }

    init(_ name: String, _ children: [XML]) {
        self.name = name
        text = ""
        self.children = children
    }

    /// A whole document with this as its root.
    var document: [UInt8] {
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        write(to: &out)
        return Array(out.utf8)
    }

    private func write(to out: inout String) {
        // S3 puts its namespace on every root but errors.
        let attribute = name.hasSuffix("Result") || name == "LocationConstraint" || name == "VersioningConfiguration"
        out += attribute ? "<\(name) xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" : "<\(name)>"
        XML.escape(text, to: &out)
        for child in children { child.write(to: &out) }
        out += "</\(name)>"
    }

    private static func escape(_ text: String, to out: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\r": out += "&#13;"
            default: out.unicodeScalars.append(scalar)
            }
        }
    }
}
