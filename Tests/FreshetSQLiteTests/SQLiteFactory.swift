import Foundation
import FreshetKit
import FreshetSQLite
import FreshetTesting
import GRDB

/// A store in a folder of its own, which goes when the factory does.
final class SQLiteFactory: RunStoreFactory {
    let folder: String
    let path: String

    init() {
        folder = FileManager.default.temporaryDirectory.appending(path: "freshet-\(UUID().uuidString)").path()
        path = folder + "/state/freshet.db"
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }  // A folder that stays behind harms no test.

    func open() async throws(StoreError) -> any RunStore { try await SQLiteStore.open(path: path, mode: .writer) }
    func openReader() async throws(StoreError) -> any RunStore { try await SQLiteStore.open(path: path, mode: .reader) }

    /// A connection of its own, as another program would make.
    func sql<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try DatabaseQueue(path: path).writeWithoutTransaction(body)
    }
}
