import Testing

@testable import FreshetEmulator

@Suite struct ListingTests {
    static let keys = ["a/1", "a/2", "b", "c/1", "c/2/x", "é"].map { ObjectKey($0) }.sorted()

    /// The names of each page, common prefixes in brackets.
    static func pages(_ query: Listing.Query) -> [String] {
        var query = query
        var pages: [String] = []
        while pages.count < 20 {
            let page = Listing(query, of: keys)
            let names = page.keys.map(\.text) + page.commonPrefixes.map { "[\($0.text)]" }
            pages.append(names.joined(separator: " "))
            guard let next = page.next else { break }
            query.after = next
        }
        return pages
    }

    @Test func `pages follow each other without gap or repetition`() {
        var query = Listing.Query()
        query.limit = 4
        #expect(ListingTests.pages(query) == ["a/1 a/2 b c/1", "c/2/x é"])
    }

    @Test func `a common prefix counts as one and is told once`() {
        var query = Listing.Query()
        query.delimiter = ObjectKey("/")
        query.limit = 1
        #expect(ListingTests.pages(query) == ["[a/]", "b", "[c/]", "é"])
        query.prefix = ObjectKey("c/")
        #expect(ListingTests.pages(query) == ["c/1", "[c/2/]"])
    }

    @Test func `keys are bytes`() {
        #expect(ObjectKey("\u{e9}") != ObjectKey("e\u{301}"))
        #expect(ObjectKey("Z") < ObjectKey("a"))
        #expect(World.urlEncoded(ObjectKey("a b/~*(é)+")) == "a+b/%7E*%28%C3%A9%29%2B")
    }
}
