package import FreshetCrypto
package import FreshetKit

/// Why who may do what could not be found out, or not be changed; nothing is admitted then.
package enum AccessFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Too many passwords wait to be checked.
    case busy
    case crypto(CryptoError)
    case store(StoreError)

    package var description: String {
        switch self {
        case .busy: "too many sign in at this moment; try again in a few seconds"
        case .crypto(let error): error.description
        case .store(let error): error.description
        }
    }

    static func ofCrypto<Value>(_ body: () throws(CryptoError) -> Value) throws(AccessFault) -> Value {
        do throws(CryptoError) { return try body() } catch { throw .crypto(error) }
    }

    static func ofStore<Value>(
        _ body: () async throws(StoreError) -> Value
    ) async throws(AccessFault) -> Value {
        do throws(StoreError) { return try await body() } catch { throw .store(error) }
    }

    static func ofBench<Value>(
        _ body: () async throws(PasswordBench.Failure) -> Value
    ) async throws(AccessFault) -> Value {
        do throws(PasswordBench.Failure) {
            return try await body()
        } catch {
            switch error {
            case .busy: throw .busy
            case .crypto(let error): throw .crypto(error)
            }
        }
    }
}
