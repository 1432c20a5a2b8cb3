import FreshetCore
import FreshetKit

extension AccessStoreConformance {
    static let users = [
        Check("users are kept whole, and listed by name") { bench in
            var ana = AccessBench.user("ana", .admin)
            var zoë = AccessBench.user("zoe", subject: "17")
            zoë.title = "Zoë Ångström"
            try expectEqual(try await bench.commit(.addUser(zoë)), .done, "adding zoe")
            try expectEqual(try await bench.commit(.addUser(ana)), .done, "adding ana")
            try expectEqual(try await bench.store.users(), [ana, zoë], "users")
            try expectEqual(try await bench.store.user("zoe"), zoë, "zoe")
            let subject = UserRecord.Subject(issuer: "https://issuer.test", id: "17")
            try expectEqual(try await bench.store.user(of: subject), zoë, "who the issuer knows as 17")
            try expectEqual(try await bench.store.user("bob"), nil, "bob")
            try await bench.begin("s1", of: "ana", at: 9)
            ana.lastSignInAt = Sample.time(9)
            try expectEqual(try await bench.store.user("ana"), ana, "ana after signing in")
        },
        Check("a name is given once, and so is what an identity provider knows somebody by") { bench in
            try await bench.add("ana")
            try expectEqual(try await bench.commit(.addUser(AccessBench.user("ana", .admin))), .exists, "ana again")
            try expectEqual(try await bench.store.user("ana")?.role, .viewer, "ana's role")
            try await bench.commit(.addUser(AccessBench.user("eve", subject: "7")))
            let again = AccessBench.user("eva", subject: "7")
            try expectEqual(try await bench.commit(.addUser(again)), .exists, "the same subject again")
        },
        Check("what changes what somebody may ends their sessions, and no others") { bench in
            for name in ["ana", "bob"] { try await bench.add(name, .admin) }
            let changes: [AccessChange] = [
                .setRole(user: "ana", .admin), .setDisabled(user: "ana", at: Sample.time(3)), .endSessions(user: "ana"),
                .setPassword(user: "ana", hash: "new", keeping: nil),
            ]
            for change in changes {
                try await bench.commit(.setDisabled(user: "ana", at: nil))
                try await bench.begin("a", of: "ana")
                try await bench.begin("b", of: "bob")
                try expect(try await bench.store.session(digest: "a") != nil, "\(change): no session began")
                try expectEqual(try await bench.commit(change), .done, "\(change)")
                try expectEqual(try await bench.store.session(digest: "a"), nil, "ana's session after \(change)")
                try expect(try await bench.store.session(digest: "b") != nil, "\(change) ended bob's session")
                try await bench.commit(.endSession(digest: "b"))
            }
            let ana = try await bench.store.user("ana")
            try expectEqual(ana?.passwordHash, "new", "the new hash")
            try expectEqual(ana?.disabledAt, nil, "enabled again")
        },
        Check("who changes their own password stays signed in where they did") { bench in
            try await bench.add("ana")
            for digest in ["here", "there"] { try await bench.begin(digest, of: "ana") }
            try await bench.commit(.setPassword(user: "ana", hash: "new", keeping: "here"))
            try expectEqual(try await bench.store.sessions(of: "ana").map(\.digest), ["here"], "sessions")
        },
        Check("a hash is renewed only if it is still the one that was looked at") { bench in
            try await bench.add("ana")
            try await bench.begin("s", of: "ana")
            let late = AccessChange.renewHash(user: "ana", from: "another", to: "late")
            try expectEqual(try await bench.commit(late), .unknown, "from another hash")
            let due = AccessChange.renewHash(user: "ana", from: "hash of ana", to: "due")
            try expectEqual(try await bench.commit(due), .done, "from the present hash")
            try expectEqual(try await bench.store.user("ana")?.passwordHash, "due", "hash")
            try expect(try await bench.store.session(digest: "s") != nil, "the session ended")
        },
        Check("the last administrator stays one") { bench in
            try await bench.add("ana", .admin)
            try await bench.add("bob", .admin)
            try expectEqual(try await bench.commit(.setRole(user: "bob", .viewer)), .done, "one of two")
            try await bench.begin("s", of: "ana")
            let changes: [AccessChange] = [
                .setRole(user: "ana", .operator), .setDisabled(user: "ana", at: Sample.time(1)),
            ]
            for change in changes { try expectEqual(try await bench.commit(change), .lastAdmin, "\(change)") }
            let ana = try await bench.store.user("ana")
            try expect(ana?.role == .admin && ana?.disabledAt == nil, "ana is no administrator any more")
            try expect(try await bench.store.session(digest: "s") != nil, "what was refused ended a session")
        },
        Check("nobody who is not there is changed") { bench in
            let changes: [AccessChange] = [
                .setRole(user: "eve", .viewer), .setDisabled(user: "eve", at: nil),
                .setPassword(user: "eve", hash: "h", keeping: nil), .renewHash(user: "eve", from: "a", to: "b"),
                .revokeToken(id: "t", at: Sample.time(1)), .endSession(digest: "s"),
                .beginSession(AccessBench.session("s", of: "eve"), replacing: nil),
                .redeemLink(digest: "l", begins: AccessBench.session("s", of: "eve"), replacing: nil),
            ]
            for change in changes { try expectEqual(try await bench.commit(change), .unknown, "\(change)") }
            try expectEqual(try await bench.store.session(digest: "s"), nil, "session")
        },
    ]
}
