import FreshetCore
import FreshetKit

extension AccessStoreConformance {
    static let sessions = [
        Check("sessions are kept whole, the newest first") { bench in
            try await bench.add("ana")
            try await bench.begin("first", of: "ana", at: 1)
            var second = AccessBench.session("second", of: "ana", at: 2)
            (second.role, second.method, second.address, second.agent) = (.admin, .link, nil, nil)
            try await bench.commit(.beginSession(second, replacing: nil), at: 2)
            let first = AccessBench.session("first", of: "ana", at: 1)
            try expectEqual(try await bench.store.sessions(of: "ana"), [second, first], "sessions")
            try expectEqual(try await bench.store.session(digest: "first"), first, "the first")
            try expectEqual(try await bench.store.sessions(of: "bob"), [], "bob's sessions")
        },
        Check("a use is remembered") { bench in
            try await bench.add("ana")
            try await bench.begin("s", of: "ana")
            try await bench.store.touch(.session(digest: "s", at: Sample.time(70)), by: bench.writer)
            try await bench.store.touch(.session(digest: "none", at: Sample.time(70)), by: bench.writer)
            try expectEqual(try await bench.store.session(digest: "s")?.lastUsedAt, Sample.time(70), "last use")
        },
        Check("a new session takes the place of the browser's former one, and of those that are over") { bench in
            try await bench.add("ana")
            try await bench.begin("old", of: "ana", at: 0)
            try await bench.begin("former", of: "ana", at: 900)
            try await bench.begin("other", of: "ana", at: 901)
            let new = AccessBench.session("new", of: "ana", at: 1000)
            try await bench.commit(.beginSession(new, replacing: "former"), at: 1000)
            try expectEqual(try await bench.store.sessions(of: "ana").map(\.digest), ["new", "other"], "sessions")
        },
        Check("nobody who is disabled begins a session") { bench in
            try await bench.add("ana")
            try await bench.commit(.setDisabled(user: "ana", at: Sample.time(1)))
            let begin = AccessChange.beginSession(AccessBench.session("s", of: "ana"), replacing: nil)
            try expectEqual(try await bench.commit(begin), .unknown, "the session")
            try await bench.commit(.addUser(AccessBench.user("eve", subject: "7")))
            try await bench.commit(.setDisabled(user: "eve", at: Sample.time(1)))
            let foreign = AccessChange.beginForeignSession(
                AccessBench.session("f", of: "eve"),
                of: AccessBench.user("eve", subject: "7"),
                replacing: nil
            )
            try expectEqual(try await bench.commit(foreign), .unknown, "the foreign session")
            try expectEqual(try await bench.store.session(digest: "f"), nil, "session")
        },
        Check("who an identity provider vouches for is added, then renewed, and never takes another's name") { bench in
            try await bench.add("bob", .admin)
            func begin(_ digest: String, _ user: UserRecord) async throws(StoreError) -> AccessOutcome {
                let session = AccessBench.session(digest, of: user.name, at: 5)
                return try await bench.commit(.beginForeignSession(session, of: user, replacing: nil), at: 5)
            }
            var eve = AccessBench.user("eve", .admin, subject: "7")
            try expectEqual(try await begin("e1", eve), .done, "the first time")
            (eve.role, eve.title) = (.viewer, "Eve Again")
            try expectEqual(try await begin("e2", eve), .done, "the second time")
            eve.lastSignInAt = Sample.time(5)
            try expectEqual(try await bench.store.user("eve"), eve, "eve")
            try expectEqual(try await bench.store.sessions(of: "eve").map(\.digest), ["e2", "e1"], "sessions")
            try expectEqual(try await begin("b", AccessBench.user("bob", subject: "8")), .exists, "another's name")
            try expectEqual(try await bench.store.user("bob")?.subject, nil, "bob's subject")
            try expectEqual(try await bench.store.session(digest: "b"), nil, "a session as bob")
        },
    ]

    static let links = [
        Check("a link begins one session, in its time") { bench in
            let link = LinkRecord(digest: "l", user: "root", role: .admin, endsAt: Sample.time(300))
            func redeem(_ session: String, at second: Int64) async throws(StoreError) -> AccessOutcome {
                var record = AccessBench.session(session, of: "root", at: second)
                (record.role, record.method) = (.admin, .link)
                return try await bench.commit(.redeemLink(digest: "l", begins: record, replacing: nil), at: second)
            }
            try await bench.commit(.addLink(link))
            try expectEqual(try await bench.store.link(digest: "l"), link, "link")
            try expectEqual(try await redeem("late", at: 300), .unknown, "when its time has passed")
            try expectEqual(try await redeem("first", at: 299), .done, "the first time")
            try expectEqual(try await redeem("second", at: 299), .unknown, "the second time")
            try expectEqual(try await bench.store.link(digest: "l"), nil, "the used link")
            try expectEqual(try await bench.store.session(digest: "first")?.role, .admin, "the session's role")
            try expectEqual(try await bench.store.session(digest: "second"), nil, "a second session")
        },
        Check("links that are over go when a new one comes") { bench in
            for (digest, end) in [("old", 300), ("new", 600)] as [(String, Int64)] {
                let link = LinkRecord(digest: digest, user: "root", role: .admin, endsAt: Sample.time(end))
                try await bench.commit(.addLink(link), at: end - 300)
            }
            try expectEqual(try await bench.store.link(digest: "old"), nil, "the old link")
            try expect(try await bench.store.link(digest: "new") != nil, "the new link is gone")
        },
    ]
}
