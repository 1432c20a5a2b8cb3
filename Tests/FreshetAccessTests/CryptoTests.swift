import FreshetCore
import FreshetCrypto
import Testing

@testable import FreshetAccess

struct CryptoTests {
    /// RFC 7914, section 12.
    @Test func `derives the keys of the standard's vectors`() throws {
        let first = ScryptCost(logN: 10, r: 8, p: 16)
        let key = try first.key(of: Array("password".utf8), salt: Array("NaCl".utf8), count: 64)
        #expect(
            key.hexadecimal
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        )
        let second = ScryptCost(logN: 14, r: 8, p: 1)
        let other = try second.key(of: Array("pleaseletmein".utf8), salt: Array("SodiumChloride".utf8), count: 64)
        #expect(other.hexadecimal.hasPrefix("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"))
    }

    @Test func `has memory for a present password`() throws {
        #expect(ScryptCost.present.memory == 32 << 20)
        #expect(try ScryptCost.present.key(of: Array("a".utf8), salt: [1, 2, 3], count: 32).count == 32)
    }

    @Test func `refuses what would eat the machine`() {
        #expect(throws: CryptoError.self) {
            try ScryptCost(logN: 20, r: 32, p: 1).key(of: [1], salt: [2], count: 32)
        }
    }

    /// RFC 4231, test case 2.
    @Test func `makes the codes of the standard's vectors`() throws {
        let code = try Digest.hmac(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(code.hexadecimal == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            try Digest.sha256(Array("abc".utf8)).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func `reads back what it wrote in base64`(text: String) {
        for alphabet in [Base64.Alphabet.plain, .url] {
            #expect(Base64.decode(Base64.encode(Array(text.utf8), alphabet), alphabet) == Array(text.utf8))
        }
    }

    @Test func `takes one spelling of base64 only`() {
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE")
        #expect(Base64.encode([0xFB, 0xFF], .url) == "-_8")
        #expect(Base64.padded(Array("fooba".utf8)) == "Zm9vYmE=")
        for text in ["Zm9vYmE=", "Zm9vYmF", "Zm9v YmE", "Zm9vY", "+_8", "A"] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }

    @Test func `writes numbers in 62 digits, in order of their size`() {
        #expect(Base62.encode([0, 0, 0, 0], width: 6) == "000000")
        #expect(Base62.encode([0, 0, 0, 61], width: 6) == "00000z")
        #expect(Base62.encode([0, 0, 0, 62], width: 6) == "000010")
        #expect(Base62.encode([255, 255, 255, 255], width: 6) == "4gfFC3")
        #expect(Base62.encode([UInt8](repeating: 255, count: 32), width: 43).first != "0")
    }

    @Test func `tells texts apart only when they differ`() {
        #expect(Digest.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(Digest.areEqual([], []))
        #expect(!Digest.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!Digest.areEqual([1, 2, 3], [1, 2]))
    }

    @Test func `draws other bytes each time`() throws {
        let draws = try (0..<20).map { _ in try Entropy.system.bytes(16) }
        #expect(Set(draws).count == 20)
    }
}
