import Foundation
import Oracle

// Tells histories and asks the oracle; see docs/semantics.md. For `make oracle` and CI.

let arguments = CommandLine.arguments
func number(after name: String, otherwise: Int) -> Int {
    guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return otherwise }
    return Int(arguments[place + 1]) ?? otherwise
}

let count = number(after: "--histories", otherwise: 100_000)
let seed = UInt64(number(after: "--seed", otherwise: Int.random(in: 0..<1_000_000_000)))
print("seed \(seed)")
let report = try Trial.run(histories: count, seed: seed)
print(report.text)
exit(report.isGood ? 0 : 1)
