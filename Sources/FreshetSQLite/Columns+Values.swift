import FreshetCore
import FreshetKit
import GRDB

// The values of Core and Kit as columns: what is written with `…Arguments` is read with the method of the same columns.
extension Columns {
    mutating func key() throws -> AssetKey { AssetKey(try next()) }
    mutating func time() throws -> Timestamp { Timestamp(milliseconds: try next()) }
    mutating func optionalTime() throws -> Timestamp? { try optional(Int64.self).map { Timestamp(milliseconds: $0) } }
    mutating func word<Value: RawRepresentable<String>>(_ type: Value.Type = Value.self) throws -> Value {
        try Value(word: try next())
    }

    mutating func observation() throws -> Observation {
        let state = VersionColumns(state: try next(), version: try optional())
        return Observation(
            try state.value(),
            health: try word(),
            signal: try next(),
            strength: try word(),
            values: try ObservedValues.read(try next()),
            dataTime: try optionalTime(),
            observedAt: try optionalTime(),
            message: try optional(),
            query: try optional(),
            source: try optional(),
            cost: try optional(String.self).map(ProbeCost.init(column:))
        )
    }
}

extension Observation {
    static let columns = """
        state, version, health, signal, strength, value_list, data_time, observed_at, message, query, source,
        cost
        """

    var arguments: StatementArguments {
        let state = VersionColumns(version)
        return [
            state.state, state.version, health.rawValue, signal, strength.rawValue, ObservedValues.write(values),
            dataTime?.milliseconds, observedAt?.milliseconds, message, query, source, cost?.column,
        ]
    }
}
