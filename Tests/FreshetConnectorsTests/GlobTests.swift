import Testing

@testable import FreshetConnectors

struct `A glob` {
    @Test(arguments: [
        ("raw/*.csv", "raw/a.csv", true), ("raw/*.csv", "raw/x/a.csv", false), ("raw/**/*.csv", "raw/x/y/a.csv", true),
        ("raw/**/*.csv", "raw/a.csv", true), ("**", "a/b", true), ("*", "a", true), ("*", "a/b", false),
        ("a?c", "abc", true), ("a?c", "a/c", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false),
        ("[]]x", "]x", true), ("*.{csv,json}", "a.json", true), ("*.{csv,json}", "a.xml", false),
        ("{a,b/{c,d}}/e", "b/d/e", true), ("a", "ab", false), ("é*", "éa", true), ("a**b", "aXb", true),
        ("**/a/**", "x/a/y/z", true), ("raw/", "raw/", true), ("a.c", "abc", false),
    ])
    func `matches a key as a whole`(pattern: String, key: String, expected: Bool) throws {
        #expect(try #require(Glob(pattern)).matches(key) == expected)
    }

    @Test(arguments: [
        ("raw/*.csv", "raw/"), ("raw/a-{1,2}.csv", "raw/a-"), ("{a,b}", ""), ("plain", "plain"), ("**", ""),
    ])
    func `knows what every match begins with`(pattern: String, prefix: String) throws {
        #expect(try #require(Glob(pattern)).prefix == prefix)
    }

    @Test(arguments: ["[a", "{a,b", "a[", "{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}"])
    func `is refused when it is not closed, or stands for too much`(pattern: String) { #expect(Glob(pattern) == nil) }

    @Test(.timeLimit(.minutes(1)))
    func `does not take for ever where it could`() throws {
        let glob = try #require(Glob(String(repeating: "*a", count: 40) + "b"))
        #expect(!glob.matches(String(repeating: "a", count: 2000)))
    }
}
