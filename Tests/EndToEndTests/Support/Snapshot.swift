import Foundation
import Testing

/// Compares a text with the one that is kept in `Snapshots/`; with `RECORD=1` keeps it instead.
func expectSnapshot(
    _ name: String,
    _ text: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let path = "\(Place.tests)/Snapshots/\(name).txt"
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return
    }
    let kept = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    #expect(kept == text, "differs from \(name).txt; RECORD=1 keeps the new one", sourceLocation: sourceLocation)
}

/// Puts a word in place of what differs from run to run: ids, times, ages, addresses, folders.
func normalised(_ text: String, folder: String) -> String {
    text.replacing(folder, with: "<folder>").split(separator: "\n", omittingEmptySubsequences: false).map { line in
        // The evidence of a plan has a word of its own at the beginning of a line: then and now.
        let isEvidence = line.drop { $0 == " " }.hasPrefix("now  ") && line.hasPrefix(" ")
        let plain = String(line).replacing("now  ", with: isEvidence ? "at present  " : "now  ", maxReplacements: 1)
            .replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "<id>")
            // The times of the warehouse's own rows, in May 2026, are part of what is tested.
            .replacing(#/(?!2026-05)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{3})?Z/#, with: "<time>")
            .replacing(#/\b([0-9]+ (ms|s|min|h|d) ago|now)\b/#, with: "<ago>")
            .replacing(#/\b[0-9.]+ ?(ms|s)\b/#, with: "<while>")
            .replacing(#/"[0-9a-f]{32}"/#, with: "\"<hash>\"")
        // The columns of a table move with what was replaced.
        return plain.replacing(#/(\S)  +(?=\S)/#) { "\($0.1)  " }
    }.joined(separator: "\n")
}

/// The lines that do not fit 80 columns.
func wideLines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init).filter { $0.count > 80 } }
