import FreshetCore
import FreshetKit

/// The beginning of a time that a person names: `7d` ago, or a moment.
enum Since {
    /// - Throws: ``Failure/badTime(_:)``.
    static func moment(_ text: String, _ project: Project, at now: Timestamp) throws -> Timestamp {
        if let length = Duration(parsing: text) { return now - length }
        return try WhyCommand.moment(text, project)
    }
}

extension Reading {
    /// Everything that moved since the first look, oldest first.
    func allObservations() async throws -> [LoggedObservation] {
        var found: [LoggedObservation] = []
        while true {
            let query = ObservationQuery(after: found.last?.sequence, limit: 5000)
            let page = try await ask { () throws(StoreError) in try await store.observations(query) }
            found += page
            if page.count < query.limit { return found }
        }
    }
}
