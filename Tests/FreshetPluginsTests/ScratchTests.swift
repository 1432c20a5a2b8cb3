import Foundation
import FreshetCore
import Testing

@testable import FreshetPlugins

@Suite struct `The folders that programs work in` {
    @Test func `are swept when they are old and their daemon is gone`() throws {
        let parent = NSTemporaryDirectory() + "freshet-sweep-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let own = try ScratchFolder.make(in: parent)
        let ownName = String(own.dropFirst(parent.count + 1))
        let words = ownName.split(separator: "-")
        #expect(words.count == 5 && words[2] == "\(getpid())")
        // Another daemon that had the number of this one, one that is gone, one of a version that told neither.
        let other = "freshet-plugin-\(getpid())-1-abcdef"
        let names = [
            other, "freshet-plugin-999999999-1-abcdef", "freshet-plugin-abcdef", "else-abcdef", "freshet-plugin-new",
        ]
        for name in names {
            try FileManager.default.createDirectory(atPath: "\(parent)/\(name)/sub", withIntermediateDirectories: true)
        }
        let now = Date()
        for name in [ownName] + names where name != "freshet-plugin-new" {
            try FileManager.default.setAttributes(
                [.modificationDate: now.addingTimeInterval(-25 * 3600)],
                ofItemAtPath: "\(parent)/\(name)"
            )
        }
        ScratchFolder.sweep(parent, now: Timestamp(milliseconds: Int64(now.timeIntervalSince1970 * 1000)))
        let left = try FileManager.default.contentsOfDirectory(atPath: parent).sorted()
        #expect(left == ["else-abcdef", ownName, "freshet-plugin-new"].sorted())
    }

    @Test func `are not swept while their program reports`() throws {
        let parent = NSTemporaryDirectory() + "freshet-sweep-\(UUID().uuidString)"
        let folder = parent + "/freshet-plugin-999999999-1-abcdef"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: parent) }
        try Data().write(to: URL(filePath: folder + "/messages"))
        let now = Date()
        try FileManager.default.setAttributes([.modificationDate: now.addingTimeInterval(-1e6)], ofItemAtPath: folder)
        ScratchFolder.sweep(parent, now: Timestamp(milliseconds: Int64(now.timeIntervalSince1970 * 1000)))
        #expect(FileManager.default.fileExists(atPath: folder))
    }
}
