internal import FreshetCore
package import FreshetKit

extension SemanticModelRefresh {
    /// What the model holds, by the statistics of its columns; where the service refuses those, by the rows of the tables
    /// that the definition names.
    ///
    /// - Returns: `nil` when neither can be asked for.
    /// - Throws: ``FingerprintError`` with the service's words, and what a lookup throws.
    package func fingerprint(_ step: StepContext) async throws -> String? {
        let connection: PowerBIConnection = try step.connections.get(connection)
        let workspace = try await step.surroundings.secrets.resolve(workspace)
        let model = try await step.surroundings.secrets.resolve(model)
        let address = try await connection.directory.find(workspace: workspace, model: model)
        switch await connection.client.columnStatistics(of: address).result {
        case .answer(let hash): return "columns \(hash)"
        case .silence(let silence): throw FingerprintError(message: silence.message)
        case .refusal: break
        }
        let tables = options.tables.keys.sorted()
        guard !tables.isEmpty else { return nil }
        switch await connection.client.rowCounts(of: tables, in: address).result {
        case .answer(let rows):
            return "rows " + tables.map { "\($0)=\(rows[$0].map(String.init) ?? "?")" }.joined(separator: " ")
        case .refusal(let refusal): throw FingerprintError(message: refusal.message)
        case .silence(let silence): throw FingerprintError(message: silence.message)
        }
    }

    /// The model could not be asked what it holds.
    package struct FingerprintError: Error, Hashable, CustomStringConvertible {
        package var message: String
        package var description: String { message }
    }
}
