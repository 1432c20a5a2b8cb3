package import FreshetCore
import FreshetCrypto

/// Paces guesses: of one user's password from anywhere, and from one address at anybody's.
///
/// A few are free; then each doubles the pause before the next, and nobody is ever locked out for good. An address from
/// which a user has signed in before has a count of its own, so that guesses from elsewhere do not keep them out. Failures
/// count when a guess begins, not when it is found wrong, so that guesses side by side gain nothing.
package struct LoginThrottle: Sendable {
    /// What is counted together.
    private enum Subject: Hashable {
        case address(String)
        case familiar(user: String, address: String)
        case user(String)
    }

    private struct Count {
        var failures: Int
        var notBefore: Timestamp
        var last: Timestamp
    }

    private struct Patience {
        var free: Int
        var longest: Duration

        func pause(after failures: Int) -> Duration {
            guard failures >= free else { return .zero }
            let doubled = Duration.seconds(5 * (1 << min(failures - free, 10)))
            return min(doubled, longest)
        }
    }

    private static let ofUser = Patience(free: 5, longest: .seconds(60))
    private static let ofAddress = Patience(free: 20, longest: .seconds(60))
    private static let forgottenAfter = Duration.seconds(900)

    private var counts: [Subject: Count] = [:]
    private var familiar: [Subject: Timestamp] = [:]
    /// Of each table; an attacker with many names or addresses pushes out what was counted longest ago.
    private let capacity: Int

    package init() { self.init(capacity: 20_000) }
    init(capacity: Int) { self.capacity = capacity }

    /// Begins a guess.
    ///
    /// - Returns: how long to wait before one may begin; `nil` when this one has.
    package mutating func begin(user: String, address: String?, at now: Timestamp) -> Duration? {
        let subjects = subjects(user: user, address: address)
        let wait =
            subjects.compactMap { counts[$0] }.filter { now - $0.last < Self.forgottenAfter }
            .map { $0.notBefore - now }.max() ?? .zero
        guard wait <= .zero else { return wait }
        for subject in subjects { count(subject, at: now) }
        return nil
    }

    /// The guess was right: the user's count begins anew, the address gets back the one guess.
    package mutating func succeeded(user: String, address: String?, at now: Timestamp) {
        for subject in subjects(user: user, address: address) {
            if case .address = subject {
                counts[subject]?.failures -= 1
                counts[subject]?.notBefore = now
            } else {
                counts[subject] = nil
            }
        }
        if let address = Self.network(address) {
            Self.makeRoom(in: &familiar, capacity) { $0 }
            familiar[.familiar(user: Self.shortened(user), address: address)] = now
        }
    }

    private func subjects(user: String, address: String?) -> [Subject] {
        let user = Self.shortened(user)
        guard let address = Self.network(address) else { return [.user(user)] }
        let pair = Subject.familiar(user: user, address: address)
        return [familiar[pair] == nil ? .user(user) : pair, .address(address)]
    }

    private mutating func count(_ subject: Subject, at now: Timestamp) {
        let patience = if case .address = subject { Self.ofAddress } else { Self.ofUser }
        if counts[subject] == nil { Self.makeRoom(in: &counts, capacity) { $0.last } }
        var count = counts[subject] ?? Count(failures: 0, notBefore: now, last: now)
        if now - count.last >= Self.forgottenAfter { count.failures = 0 }
        count.failures += 1
        count.last = now
        count.notBefore = now + patience.pause(after: count.failures)
        counts[subject] = count
    }

    private static func makeRoom<Value>(
        in table: inout [Subject: Value],
        _ capacity: Int,
        _ age: (Value) -> Timestamp
    ) {
        guard table.count >= capacity else { return }
        let oldest = table.sorted { age($0.value) < age($1.value) }.prefix(max(capacity / 4, 1))
        for (subject, _) in oldest { table[subject] = nil }
    }

    private static func shortened(_ user: String) -> String { String(user.lowercased().prefix(128)) }

    /// An IPv6 address stands for its network of 64 bits, all of which one customer has.
    private static func network(_ address: String?) -> String? {
        guard let address else { return nil }
        guard address.contains(":"), let bytes = NetworkAddress.bytes(address) else { return address }
        return bytes.prefix(8).hexadecimal
    }
}

extension LoginThrottle {
    /// How much is remembered.
    var size: Int { counts.count + familiar.count }
}
