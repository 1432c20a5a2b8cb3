// This file imports nothing of Freshet: it is the oracle, which knows what nobody at the time could know.

/// What a part of a model is read from: a table of the outside, or another model.
package enum Feed: Hashable, Sendable {
    case table(Int)
    case model(Int)
}

/// What a table's signal sees of its changes.
package enum Signal: Hashable, Sendable {
    /// Every change, and some that were none.
    case exact
    /// How many rows there are: no change in place.
    case count
    /// The newest stamp on a row: no deletion, and nothing that is committed after younger rows.
    case watermark
}

/// The outside as it really is, change by change, and what each model really holds.
package struct Truth {
    package struct Table {
        package var signal: Signal
        /// Grows with each commit that altered rows.
        package var revision = 1
        /// Grows with what moves an exact signal and alters nothing.
        package var touches = 0
        package var rows = 100
        package var newestStamp = 0
        /// As of the last look whose answer Freshet has on record.
        package var seenRevision = 0
        package var seenTouches = 0
        package var isSeenUnknown = false
    }

    package struct Slot {
        package var part: String
        package var feed: Feed
        /// The revision of each table that this slot's content goes back to; 0 for none.
        package var held: [Int]
    }

    /// Why a refresh that changed nothing was still right to ask for, by what could be known.
    package enum Excuse: String, CaseIterable, Sendable {
        case asked, first, upstreamMovedForNothing, readAhead, signalCriedWolf, someoneElse, unknown, workedAndFailed
    }

    package struct Model {
        package var slots: [Slot]
        package var successes = 0
        /// How often a success gave the model a new version over equal contents.
        package var emptyVersions = 0
        /// What has happened since the last success was planned.
        package var excuses: Set<Excuse> = []
        /// Touches and empty versions upstream as the last success was planned on.
        var plannedTouches: [Int] = []
        var plannedEmptyVersions: [Int] = []
    }

    package var tables: [Table]
    package var models: [Model]

    package init(tables: [Signal], models: [[(part: String, feed: Feed)]]) {
        self.tables = tables.map { Table(signal: $0) }
        let nothing = Array(repeating: 0, count: tables.count)
        self.models = models.map { slots in
            Model(
                slots: slots.map { Slot(part: $0.part, feed: $0.feed, held: nothing) },
                plannedTouches: nothing,
                plannedEmptyVersions: Array(repeating: 0, count: models.count)
            )
        }
    }

    /// What is to be read there now, as revisions of the tables behind it.
    package func content(of feed: Feed) -> [Int] {
        var found = Array(repeating: 0, count: tables.count)
        switch feed {
        case .table(let table): found[table] = tables[table].revision
        case .model(let model):
            for slot in models[model].slots {
                for (table, revision) in slot.held.enumerated() where revision > 0 {
                    found[table] = found[table] == 0 ? revision : min(found[table], revision)
                }
            }
        }
        return found
    }

    /// The tables behind a model, directly or through others.
    package func roots(of model: Int) -> Set<Int> {
        var found: Set<Int> = []
        for slot in models[model].slots {
            switch slot.feed {
            case .table(let table): found.insert(table)
            case .model(let other): found.formUnion(roots(of: other))
            }
        }
        return found
    }

    /// Reads one slot now. What a refresh that fails has read stays.
    package mutating func read(_ slot: Int, of model: Int) {
        models[model].slots[slot].held = content(of: models[model].slots[slot].feed)
    }

    /// Whether a refresh of these parts would change nothing.
    package func isCurrent(_ model: Int, parts: Set<String>?) -> Bool {
        models[model].slots.allSatisfy { slot in
            parts.map { !$0.contains(slot.part) } ?? false || slot.held == content(of: slot.feed)
        }
    }

    /// The tables of which a model holds less than Freshet had on record when it skipped; only what signals could see.
    ///
    /// - Parameter seen: the revision of each table at its last look before the decision.
    package func falselySkipped(_ model: Int, seen: [Int]) -> [Int] {
        roots(of: model).sorted().filter { table in
            guard tables[table].signal == .exact else { return false }
            return models[model].slots.contains { slot in
                guard reaches(slot.feed, table) else { return false }
                return slot.held[table] < seen[table]
            }
        }
    }

    private func reaches(_ feed: Feed, _ table: Int) -> Bool {
        switch feed {
        case .table(let other): other == table
        case .model(let model): roots(of: model).contains(table)
        }
    }

    /// What explains a refresh of a model that was current; empty when nothing does.
    package func excuses(for model: Int) -> Set<Excuse> {
        var excuses = models[model].excuses
        if models[model].successes == 0 { excuses.insert(.first) }
        for table in roots(of: model) {
            if tables[table].isSeenUnknown { excuses.insert(.unknown) }
            if tables[table].signal != .exact { excuses.insert(.signalCriedWolf) }
            if tables[table].seenTouches != models[model].plannedTouches[table] { excuses.insert(.signalCriedWolf) }
        }
        for (other, empty) in models.map(\.emptyVersions).enumerated()
        where empty != models[model].plannedEmptyVersions[other] {
            excuses.insert(.upstreamMovedForNothing)
        }
        return excuses
    }

    /// A success, with what its plan knew and whether it changed anything.
    package mutating func succeeded(_ model: Int, _ plan: Planned, isEmpty: Bool) {
        models[model].successes += 1
        models[model].plannedTouches = plan.touches
        models[model].plannedEmptyVersions = plan.emptyVersions
        models[model].excuses = plan.unknown.isDisjoint(with: roots(of: model)) ? [] : [.unknown]
        for slot in models[model].slots {
            for table in roots(of: model) where slot.held[table] > plan.revisions[table] {
                models[model].excuses.insert(.readAhead)
            }
        }
        if isEmpty { models[model].emptyVersions += 1 }
    }

    /// What Freshet had on record at a moment, such as when a run was planned.
    package struct Planned {
        package var revisions: [Int]
        package var touches: [Int]
        package var unknown: Set<Int>
        package var emptyVersions: [Int]
    }

    package var planned: Planned {
        Planned(
            // Of what could not be read nobody may say that it is as it was: what is there really counts.
            revisions: tables.map { $0.isSeenUnknown ? $0.revision : $0.seenRevision },
            touches: tables.map(\.seenTouches),
            unknown: Set(tables.indices.filter { tables[$0].isSeenUnknown }),
            emptyVersions: models.map(\.emptyVersions)
        )
    }
}
