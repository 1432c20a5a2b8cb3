import Testing

@testable import FreshetConnectors

struct `Small XML documents` {
    private func parse(_ text: String) throws -> XMLTree { try XMLTree(parsing: Array(text.utf8)) }

    @Test func `elements, texts, references, comments and sections`() throws {
        let tree = try parse(
            """
            \u{FEFF}<?xml version="1.0"?><!-- x --><a xmlns='u>v' b = "1"><p:c>1 &lt;&amp;&#233;&#x1F600;</p:c>
            <!-- <c/> --><c><![CDATA[<&]]>!</c ><d/></a>
            """
        )
        #expect(tree.name == "a")
        #expect(tree.all("c").map(\.text) == ["1 <&é😀", "<&!"])
        #expect(tree["d"]?.text == "")
    }

    @Test(arguments: [
        "", "x", "<a>", "<a></b>", "<a", "<a b></a>", "<a b=1/>", "<a>&nope;</a>", "<a>&#xD800;</a>", "<a>&amp</a>",
        "<a/><b/>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><!-- </a>", "<a><![CDATA[</a>", "</a>", "<a/>x",
    ])
    func `what is not well-formed is refused`(text: String) { #expect(throws: XMLError.self) { try parse(text) } }

    @Test func `depth is bounded`() {
        let deep = String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000)
        #expect(throws: XMLError.self) { try parse(deep) }
    }

    @Test func `any damage to a document is an error or a tree, never a crash`() {
        let document = Array("<?xml version='1'?><a b='c'><d>&amp;&#65;</d><![CDATA[x]]><!--y--><e/></a>".utf8)
        var seed: UInt64 = 0x5EED
        for _ in 0..<20_000 {
            var damaged = document
            for _ in 0..<3 where !damaged.isEmpty {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let position = Int(seed >> 33) % damaged.count
                switch seed >> 20 & 3 {
                case 0: damaged[position] = UInt8(truncatingIfNeeded: seed >> 40)
                case 1: damaged.remove(at: position)
                case 2: damaged.insert(UInt8(ascii: "<"), at: position)
                default: damaged = Array(damaged[..<max(1, position)])
                }
            }
            _ = try? XMLTree(parsing: damaged)
        }
    }
}
