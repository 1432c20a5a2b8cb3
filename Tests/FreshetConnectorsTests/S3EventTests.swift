import Foundation
import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetConnectors

struct `A message of a queue` {
    private let record = #"""
        {"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"lake"},
        "object":{"key":"raw/a+b%C3%A9%2Bc","size":1,"eTag":"e","sequencer":"1"}}}]}
        """#
    private let bridge = #"""
        {"version":"0","detail-type":"Object Created","source":"aws.s3",
        "detail":{"bucket":{"name":"lake"},"object":{"key":"raw/a b+%20","etag":"e"}}}
        """#

    private func wrapped(_ text: String) throws -> String {
        let object = ["Type": "Notification", "TopicArn": "arn:aws:sns:x:1:t", "Message": text]
        return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    private func subjects(_ body: String) -> [Hint.Subject]? {
        if case .hints(let hints) = S3Event.read(body, source: "sqs/q") { hints.map(\.subject) } else { nil }
    }

    @Test func `of S3 names its object in an encoded form`() throws {
        #expect(subjects(record) == [.object(bucket: "lake", key: "raw/a bé+c")])
        #expect(subjects(try wrapped(record)) == [.object(bucket: "lake", key: "raw/a bé+c")])
    }

    @Test func `of EventBridge names it as it is`() throws {
        #expect(subjects(bridge) == [.object(bucket: "lake", key: "raw/a b+%20")])
        #expect(subjects(try wrapped(bridge)) == [.object(bucket: "lake", key: "raw/a b+%20")])
    }

    @Test func `may be about nothing`() throws {
        let test = #"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"lake"}"#
        #expect(subjects(test) == [])
        #expect(subjects(try wrapped(test)) == [])
        #expect(subjects(#"{"source":"aws.ec2","detail-type":"x","detail":{}}"#) == [])
    }

    @Test(arguments: [
        "", "hello", "[]", "{}", #"{"Records":[{}]}"#, #"{"Records":[{"s3":{"bucket":{"name":"lake"}}}]}"#,
        #"{"detail-type":"Object Created","source":"aws.s3","detail":{}}"#, #"{"Type":"Notification","Message":"x"}"#,
    ])
    func `may be beyond understanding`(body: String) { #expect(subjects(body) == nil) }

    @Test func `is not unwrapped without an end`() throws {
        var text = record
        for _ in 0..<5 { text = try wrapped(text) }
        #expect(subjects(text) == nil)
    }
}

struct `A queue of SQS` {
    private func read(_ visibility: String) throws {
        _ = try SQSHintSource(
            from: settings([
                "queue_url": "https://sqs.eu-central-1.amazonaws.com/1/q", "visibility_timeout": .text(visibility),
            ])
        )
    }

    @Test func `keeps a message hidden for longer than its looks are waited for`() throws {
        try read("5m")
        try read("12h")
        let error = #expect(throws: Diagnostic.self) { try read("299s") }
        #expect(error?.message == "'visibility_timeout' has to be 5m to 12h")
        #expect(throws: Diagnostic.self) { try read("13h") }
    }
}

struct `What concerns a probe` {
    /// What several tasks did, in order.
    private final class Order: Sendable {
        private let entries = Mutex<[String]>([])
        func append(_ entry: String) { entries.withLock { $0.append(entry) } }
        var all: [String] { entries.withLock { $0 } }
    }

    private let hint = Hint(.object(bucket: "lake", key: "raw/x.csv"), source: "sqs/q")

    private func context(_ bucket: String) throws -> ProbeContext {
        let surroundings = try surroundings()
        let connection = try S3Connection(from: settings(["bucket": .text(bucket)]), in: surroundings)
        return FreshetConnectorsTests.context(["c": connection], surroundings)
    }

    @Test func `is its own object in its own bucket`() async throws {
        let probe = try S3ObjectProbe(from: settings(["connection": "c", "object": "raw/x.csv"]))
        let other = try S3ObjectProbe(from: settings(["connection": "c", "object": "raw/y.csv"]))
        #expect(await probe.concerns(hint, in: try context("lake")))
        #expect(await !probe.concerns(hint, in: try context("pond")))
        #expect(await !other.concerns(hint, in: try context("lake")))
    }

    @Test func `is a key under its prefix that its pattern matches`() async throws {
        let context = try context("lake")
        let probe = try S3PrefixProbe(from: settings(["connection": "c", "glob": "raw/*.csv"]))
        let other = try S3PrefixProbe(from: settings(["connection": "c", "glob": "raw/*.json"]))
        #expect(await probe.concerns(hint, in: context))
        #expect(await !other.concerns(hint, in: context))
    }

    @Test func `is a key that its expression matches, however long nobody else may wait for that`() async throws {
        let context = try context("lake")
        let probe = try S3PrefixProbe(from: settings(["connection": "c", "regex": "raw/(a+)+b"]))
        func hint(_ name: String) -> Hint { Hint(.object(bucket: "lake", key: "raw/" + name), source: "s") }
        #expect(await probe.concerns(hint("aab"), in: context))
        // Each further letter doubles the time that it takes to find that it does not match.
        var name = String(repeating: "a", count: 12)
        while await ContinuousClock().measure({ _ = await probe.concerns(hint(name), in: context) })
            < .milliseconds(200)
        {
            name += "a"
        }
        let slow = hint(name)
        let order = Order()
        // As many as there are threads for everybody's work.
        var tasks: [Task<Void, Never>] = []
        for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
            tasks.append(
                Task {
                    let isConcerned = await probe.concerns(slow, in: context)
                    order.append(isConcerned ? "matched" : "not matched")
                }
            )
        }
        tasks.append(Task { order.append("another") })
        for task in tasks { await task.value }
        #expect(order.all.first == "another")
        #expect(order.all.count { $0 == "not matched" } == ProcessInfo.processInfo.activeProcessorCount)
    }

    @Test func `is a file of its table's log, and not of its data`() async throws {
        let context = try context("lake")
        let probe = try DeltaLogProbe(from: settings(["connection": "c", "table": "gold/t/"]))
        func hint(_ key: String) -> Hint { Hint(.object(bucket: "lake", key: key), source: "s") }
        #expect(await probe.concerns(hint("gold/t/_delta_log/00000000000000000003.json"), in: context))
        #expect(await !probe.concerns(hint("gold/t/part-0.parquet"), in: context))
    }
}
