private import Dispatch
package import FreshetCrypto
private import Synchronization

/// Where passwords are hashed and checked: off the cooperative pool, one after the other.
///
/// Each takes 32 MiB and a tenth of a second. So many people who sign in at once wait for one another, and beyond a few
/// dozens they are asked to come again, rather than that the machine is worn out.
package final class PasswordBench: Sendable {
    package enum Failure: Error, Hashable, Sendable {
        /// Too many wait already.
        case busy
        case crypto(CryptoError)
    }

    private static let longestQueue = 32

    private let queue = DispatchQueue(label: "freshet.access.passwords")
    private let waiting = Mutex(0)
    private let entropy: Entropy
    private let cost: ScryptCost

    package convenience init(_ entropy: Entropy) { self.init(entropy, cost: .present) }

    /// A cost for tests of something else.
    init(_ entropy: Entropy, cost: ScryptCost) {
        self.entropy = entropy
        self.cost = cost
    }

    package func hash(_ password: String) async throws(Failure) -> String {
        try await perform { [entropy, cost] () throws(CryptoError) in
            try PasswordHash.make(of: password, entropy, cost: cost).description
        }
    }

    /// Takes as long for somebody who is not there, or has no password, as for a wrong one.
    func match(_ password: String, _ stored: String?) async throws(Failure) -> PasswordHash.Match {
        let known = stored.flatMap { PasswordHash($0) }
        let hash = known ?? PasswordHash.ofNobody
        let match = try await perform { () throws(CryptoError) in try hash.match(password) }
        return known == nil ? .wrong : match
    }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable () throws(CryptoError) -> Value
    ) async throws(Failure) -> Value {
        let isFull = waiting.withLock { count in
            guard count < Self.longestQueue else { return true }
            count += 1
            return false
        }
        guard !isFull else { throw .busy }
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            queue.async {
                let result: Result<Value, Failure>
                do throws(CryptoError) { result = .success(try body()) } catch { result = .failure(.crypto(error)) }
                self.waiting.withLock { $0 -= 1 }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }
}
