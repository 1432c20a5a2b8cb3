import FreshetCore
package import FreshetKit
import Synchronization

/// What the stores of one test have in common: it outlives them as a disk outlives a process.
package final class MemoryDisk: RunStoreFactory {
    private struct State {
        var contents = MemoryContents()
        var isHeld = false
    }
    private let state = Mutex(State())

    package init() {}

    /// Every trigger that was ever stored, oldest first.
    package var triggers: [TriggerRecord] { state.withLock { $0.contents.triggers } }

    package func open() async throws(StoreError) -> any RunStore {
        try state.withLock { state throws(StoreError) in
            guard !state.isHeld else { throw .held(by: "another store on the same disk") }
            state.isHeld = true
        }
        return MemoryStore(on: self, isWriter: true)
    }

    package func openReader() async throws(StoreError) -> any RunStore { MemoryStore(on: self, isWriter: false) }

    func release() { state.withLock { $0.isHeld = false } }

    func read<Value>(_ body: (MemoryContents) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let contents = state.withLock { $0.contents }
        return try body(contents)
    }

    /// Keeps the new contents only if nothing was thrown.
    func write<Value: Sendable>(
        _ body: (inout MemoryContents) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try state.withLock { state throws(StoreError) in
            var contents = state.contents
            let value = try body(&contents)
            state.contents = contents
            return value
        }
    }
}
