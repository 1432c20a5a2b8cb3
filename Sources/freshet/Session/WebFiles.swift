import FoundationEssentials
import Glibc

/// The files that the pages are made of, and the contract of the API.
struct WebFiles: Sendable {
    private let folder: String?

    init() {
        folder = Self.places.first { FileManager.default.fileExists(atPath: $0 + "/index.html") }
    }

    /// `$FRESHET_WEB`, the source tree in a debug build, then what is installed with the program.
    private static var places: [String] {
        var places = [Wiring.environment["FRESHET_WEB"]].compactMap { $0 }
        #if DEBUG
            places.append(source + "/web")
        #endif
        return places + Installation.places(of: "web")
    }

    private static let source = parent(of: parent(of: parent(of: parent(of: "\(#filePath)"))))

    private static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// - Parameter name: one of the names that the server knows; never what a client sent.
    /// - Returns: `nil` where the pages are not installed.
    func bytes(_ name: String) -> [UInt8]? {
        folder.flatMap { FileManager.default.contents(atPath: $0 + "/" + name) }.map { Array($0) }
    }

    /// In the source tree among the documents, elsewhere beside the pages.
    var contract: [UInt8] {
        guard let folder else { return Array("{}".utf8) }
        let places = [folder + "/openapi.json", Self.parent(of: folder) + "/docs/api/openapi.json"]
        let found = places.lazy.compactMap { FileManager.default.contents(atPath: $0) }.first
        return found.map { Array($0) } ?? Array("{}".utf8)
    }
}
