/// A page of a bucket's keys.
struct Listing: Sendable {
    /// What a page is asked for.
    struct Query: Sendable {
        var prefix = ObjectKey("")
        var delimiter = ObjectKey("")
        var limit = 1_000
        /// Keys up to and including this one are left out; also whole common prefixes.
        var after: ObjectKey?
    }

    private(set) var keys: [ObjectKey] = []
    private(set) var commonPrefixes: [ObjectKey] = []
    /// Where the next page goes on; nil on the last.
    private(set) var next: ObjectKey?

    var count: Int { keys.count + commonPrefixes.count }

    /// A page of `all` the bucket's keys, which are in order.
    init(_ query: Query, of all: [ObjectKey]) {
        var last: ObjectKey?
        for key in all where key.hasPrefix(query.prefix) {
            let common = key.commonPrefix(after: query.prefix, delimiter: query.delimiter)
            let name = common ?? key
            // A page that ended with a common prefix goes on behind everything under it.
            if let after = query.after, key <= after || common == after { continue }
            if let common, common == commonPrefixes.last { continue }
            guard count < query.limit else {
                next = last
                return
            }
            if let common { commonPrefixes.append(common) } else { keys.append(key) }
            last = name
        }
    }
}
