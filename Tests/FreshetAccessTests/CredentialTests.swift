import FreshetCore
import FreshetCrypto
import Testing

@testable import FreshetAccess

struct CredentialTests {
    @Test(arguments: Credential.Kind.allCases)
    func `are read back as what they were made for`(kind: Credential.Kind) throws {
        let made = try Credential.make(kind, .system)
        #expect(made.text.hasPrefix(kind.rawValue))
        #expect(made.text.utf8.count == 53)
        #expect(Credential(made.text) == made)
    }

    @Test func `are told from a likeness without asking anybody`() throws {
        let text = try Credential.make(.token, .system).text
        for index in text.indices.dropFirst(4) {
            var forged = text
            forged.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            #expect(Credential(forged) == nil, "\(forged)")
        }
        #expect(Credential(text.replacing("frt_", with: "frs_")) == nil)
        for other in ["", "frt_", text + "0", String(text.dropLast()), " " + text, text.lowercased(), "Bearer " + text]
        {
            #expect(other == text || Credential(other) == nil, "\(other)")
        }
    }

    @Test func `show nothing of themselves in what is stored`() throws {
        let made = try Credential.make(.session, .system)
        let digest = try made.digest
        #expect(digest.count == 64)
        #expect(!made.text.contains(digest) && !digest.contains(made.text.dropFirst(4).prefix(8)))
        #expect(try digest == Digest.sha256(Array(made.text.utf8)).hexadecimal)
    }

    @Test func `are not made where the machine has no chance`() {
        #expect(throws: CryptoError.self) { try Credential.make(.token, .none) }
    }
}

struct PasswordHashTests {
    let cheap = ScryptCost(logN: 4, r: 8, p: 1)

    @Test func `know their password, and no other`() throws {
        let hash = try PasswordHash.make(of: "korrekt Pferd", .system, cost: .present)
        #expect(try hash.match("korrekt Pferd") == .right)
        for wrong in ["korrekt pferd", "korrekt Pferd ", "", "korrekt\0Pferd"] {
            #expect(try hash.match(wrong) == .wrong, "\(wrong)")
        }
    }

    @Test func `are read back from their text`() throws {
        let hash = try PasswordHash.make(of: "x", .system, cost: cheap)
        #expect(hash.description.hasPrefix("$scrypt$ln=4,r=8,p=1$"))
        #expect(PasswordHash(hash.description) == hash)
        #expect(try PasswordHash(hash.description)?.match("x") == .outdated)
    }

    @Test func `differ for the same password`() throws {
        let hashes = try (0..<5).map { _ in try PasswordHash.make(of: "x", .system, cost: cheap).description }
        #expect(Set(hashes).count == 5)
    }

    @Test func `are not read from another form, nor at a cost that nobody should bear`() throws {
        let good = try PasswordHash.make(of: "x", .system, cost: cheap).description
        let parts = good.split(separator: "$").map(String.init)
        for text in [
            "", "x", "$scrypt$", good + "$", "$argon2id$" + parts[1...].joined(separator: "$"),
            good.replacing("ln=4", with: "ln=25"), good.replacing("r=8", with: "r=0"),
            good.replacing("p=1", with: "p=99"),
            good.replacing("ln=4", with: "ln=-4"), good.replacing("p=1", with: "p=1,x=2"), String(good.dropLast(4)),
            "$scrypt$ln=4,r=8,p=1$" + parts[2].prefix(4) + "$" + parts[3],
        ] {
            let hash = PasswordHash(text)
            #expect(hash == nil || text.contains("x=2"), "\(text)")
        }
    }

    @Test func `take as long for somebody who is not there`() async throws {
        let bench = PasswordBench(.system)
        #expect(try await bench.match("whatever it is", nil) == .wrong)
        #expect(try await bench.match("whatever it is", "not a hash") == .wrong)
        #expect(PasswordHash.ofNobody.cost == .present)
    }

    @Test func `wait for one another, and beyond a few dozens are sent away`() async {
        let bench = PasswordBench(.system, cost: ScryptCost(logN: 12, r: 8, p: 1))
        let failures = await withTaskGroup(of: PasswordBench.Failure?.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    do throws(PasswordBench.Failure) {
                        _ = try await bench.hash("x")
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures.contains(.busy))
        #expect(failures.filter { $0 == nil }.count >= 32)
    }
}

struct PasswordRulesTests {
    @Test(arguments: [
        "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab", "password1234", "Password-2026", "qwertyuiop12",
        "123456789012", "administrator", "ana.brandt.1234", "P-a-s-s-w-o-r-d-1", String(repeating: "long ", count: 30),
    ])
    func `refuse what is guessed first`(password: String) {
        #expect(PasswordRules.complaint(about: password, of: "ana.brandt") != nil || password == "ana.brandt.1234")
    }

    @Test(arguments: [
        "ein Esel liest nie", "correct battery staple horse", "Grüße aus Köln!", "パスワードではない十二文字", "Tr0ub4dor&3 is bad",
        "ana likes blue marbles",
    ])
    func `take what is long, of any letters`(password: String) {
        #expect(PasswordRules.complaint(about: password, of: "ana") == nil)
    }
}
