import Foundation

enum Place {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    static let root = tests.appending(path: "../..").standardized
}
