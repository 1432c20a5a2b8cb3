import FreshetCore
import FreshetKit

extension AccessStoreConformance {
    static let tokens = [
        Check("tokens are kept whole, the newest first") { bench in
            let first = AccessBench.token("t1", name: "ci")
            var second = AccessBench.token("t2", name: "hooks", user: "ana")
            (second.role, second.sources, second.assets) = (nil, [], nil)
            for token in [first, second] {
                try expectEqual(try await bench.commit(.addToken(token)), .done, token.name)
            }
            try expectEqual(try await bench.store.tokens(), [second, first], "tokens")
            try expectEqual(try await bench.store.token(digest: "digest of t1"), first, "ci")
            try expectEqual(try await bench.store.token(digest: "t1"), nil, "a token by its id")
        },
        Check("a use is remembered") { bench in
            try await bench.commit(.addToken(AccessBench.token("t1", name: "ci")))
            let use = CredentialUse.token(id: "t1", at: Sample.time(8), address: "192.0.2.9")
            try await bench.store.touch(use, by: bench.writer)
            let token = try await bench.store.token(digest: "digest of t1")
            try expectEqual(token?.lastUsedAt, Sample.time(8), "last use")
            try expectEqual(token?.lastAddress, "192.0.2.9", "last address")
        },
        Check("a name is free again when its token is revoked, which happens once") { bench in
            try await bench.commit(.addToken(AccessBench.token("t1", name: "ci")))
            let next = AccessChange.addToken(AccessBench.token("t2", name: "ci"))
            try expectEqual(try await bench.commit(next), .exists, "a second of the name")
            let revoke = AccessChange.revokeToken(id: "t1", at: Sample.time(4))
            try expectEqual(try await bench.commit(revoke), .done, "revoking")
            try expectEqual(try await bench.commit(revoke), .unknown, "revoking again")
            try expectEqual(try await bench.commit(next), .done, "a second of the name, the first revoked")
            try expectEqual(
                try await bench.store.token(digest: "digest of t1")?.revokedAt,
                Sample.time(4),
                "revoked at"
            )
            try expectEqual(try await bench.store.tokens().map(\.id), ["t2", "t1"], "tokens")
        },
    ]

    static let audit = [
        Check("each change leaves its row in the audit, and what was not done leaves none") { bench in
            let entry = AuditEntry(
                "users.add",
                target: "user:ana",
                reason: "new in the team",
                method: .password,
                address: "192.0.2.1"
            )
            let add = AccessChange.addUser(AccessBench.user("ana"))
            for outcome in [AccessOutcome.done, .exists] {
                let found = try await bench.store.commit(add, entry, at: Sample.time(7), by: bench.writer)
                try expectEqual(found, outcome, "adding ana")
            }
            let denied = AuditEntry("session.login", outcome: .denied, reason: "wrong password", method: .password)
            let stranger = Writer(epoch: bench.epoch, actor: Actor("anonymous"))
            try await bench.store.record(denied, at: Sample.time(8), by: stranger)
            let rows = try await bench.store.audit(AuditQuery())
            try expectEqual(rows.map(\.entry), [denied, entry], "entries")
            try expectEqual(rows.map(\.actor), [Actor("anonymous"), Actor("user:root")], "actors")
            try expectEqual(rows.map(\.at), [Sample.time(8), Sample.time(7)], "times")
        },
        Check("a superseded writer changes nothing") { bench in
            try await bench.add("ana")
            try await bench.begin("s", of: "ana")
            let old = Writer(epoch: Epoch(bench.epoch.number - 1), actor: Actor("user:root"))
            let entry = AuditEntry("test.change")
            let isSuperseded: (StoreError) -> Bool = { $0 == .superseded }
            try await expectRefusal("a change", isSuperseded) { () async throws(StoreError) in
                try await bench.store.commit(.endSession(digest: "s"), entry, at: Sample.time(1), by: old)
            }
            try await expectRefusal("a row", isSuperseded) { () async throws(StoreError) in
                try await bench.store.record(entry, at: Sample.time(1), by: old)
            }
            try await expectRefusal("a use", isSuperseded) { () async throws(StoreError) in
                try await bench.store.touch(.session(digest: "s", at: Sample.time(9)), by: old)
            }
            try expectEqual(
                try await bench.store.session(digest: "s"),
                AccessBench.session("s", of: "ana"),
                "the session"
            )
            try expectEqual(try await bench.store.audit(AuditQuery()).count, 2, "rows")
        },
    ]
}
