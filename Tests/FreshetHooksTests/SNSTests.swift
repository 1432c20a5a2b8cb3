import Foundation
import FreshetCore
import FreshetCrypto
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetHooks

/// A message of SNS in the shape of its guide, signed by a certificate of our own.
private struct Message {
    static let topic = "arn:aws:sns:us-west-2:123456789012:dbt-runs"
    static let address =
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"
    static let confirmation =
        "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=\(topic)&Token=2336412f37fb687f5d51e6e2"

    var members: [String: String]

    init(_ type: String = "Notification", version: String = "2", subject: String? = "dbt") {
        members = [
            "Type": type, "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "TopicArn": Self.topic,
            "Message": "The run \"daily\"\nhas ended: größer", "Timestamp": "2026-01-01T06:29:00.000Z",
            "SignatureVersion": version, "SigningCertURL": Self.address,
        ]
        if type == "Notification" {
            members["Subject"] = subject
            members["UnsubscribeURL"] = "https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe"
        } else {
            members["Token"] = "2336412f37fb687f5d51e6e2"
            members["SubscribeURL"] = Self.confirmation
        }
    }

    /// With a signature over what its type asks for.
    func signed(by signer: Signer = .shared) -> Message {
        let names =
            members["Type"] == "Notification"
            ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        let text = names.compactMap { name in members[name].map { "\(name)\n\($0)\n" } }.joined()
        var copy = self
        copy.members["Signature"] = signer.signature(of: text, isSHA1: members["SignatureVersion"] == "1")
        return copy
    }

    func with(_ name: String, _ value: String?) -> Message {
        var copy = self
        copy.members[name] = value
        return copy
    }

    var text: String { JSONValue.object(members.mapValues { .text($0) }).serialized() }
}

@Suite struct `A hook of SNS` {
    private let headers: HTTPHeaders = [
        "Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification",
    ]

    private func desk(_ script: ScriptedTransport.Step..., certificate: String = Signer.shared.certificate) -> Desk {
        let fetch = ScriptedTransport.Step.expect("GET", ".pem", status: 200, body: certificate, isRepeated: true)
        return Desk(.sns, topics: [Message.topic], script: script + [fetch])
    }

    @Test(arguments: ["1", "2"], ["dbt", nil])
    func `takes a notification of either signature version, with a subject and without`(
        version: String,
        subject: String?
    ) async throws {
        let message = Message(version: version, subject: subject).signed()
        let deliveries = try await desk().take(message.text, headers)
        #expect(deliveries == [HookDelivery(id: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", type: "Notification")])
    }

    @Test func `asks for a certificate once`() async throws {
        let desk = desk()
        for _ in 0..<3 { _ = try await desk.take(Message().signed().text, headers) }
        #expect(desk.transport.requests.map(\.url) == [Message.address])
    }

    @Test(arguments: ["Message", "MessageId", "Subject", "Timestamp"])
    func `refuses a message that was altered`(name: String) async {
        let value = name == "Timestamp" ? "2026-01-01T06:29:01.000Z" : "another"
        let message = Message().signed().with(name, value)
        #expect(await desk().refusal(of: message.text, headers) == .badSignature)
    }

    @Test func `refuses one whose subject was taken away, or added`() async {
        #expect(await desk().refusal(of: Message().signed().with("Subject", nil).text, headers) == .badSignature)
        let added = Message(subject: nil).signed().with("Subject", "dbt")
        #expect(await desk().refusal(of: added.text, headers) == .badSignature)
    }

    @Test func `refuses one that is said to be signed by another hash`() async {
        let message = Message(version: "1").signed().with("SignatureVersion", "2")
        #expect(await desk().refusal(of: message.text, headers) == .badSignature)
        for version in ["3", "", "0"] {
            let message = Message().signed().with("SignatureVersion", version)
            guard case .malformed? = await desk().refusal(of: message.text, headers) else {
                Issue.record("version '\(version)' was taken")
                continue
            }
        }
    }

    @Test func `refuses what somebody else signed`() async {
        #expect(await desk().refusal(of: Message().signed(by: Signer()).text, headers) == .badSignature)
    }

    @Test func `takes only the topics on its list, and asks nobody about others`() async {
        let desk = desk()
        let message = Message().with("TopicArn", Message.topic + "2").signed()
        #expect(await desk.refusal(of: message.text, headers) == .unknownTopic)
        #expect(desk.transport.requests.isEmpty)
    }

    @Test(arguments: [
        "http://sns.us-west-2.amazonaws.com/x.pem", "https://sns.us-east-1.amazonaws.com.evil.com/x.pem",
        "https://evil.com/sns.us-east-1.amazonaws.com/x.pem", "https://sns.us-east-1.amazonaws.com@evil.com/x.pem",
        "https://evil.com#sns.us-east-1.amazonaws.com/x.pem", "https://user@sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com:8443/x.pem", "https://sns.us-east-1.amazonaws.com:443/x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem?y", "https://sns.us-east-1.amazonaws.com/x.pem#y",
        "https://sns.us-east-1.amazonaws.com/a/x.pem", "https://sns.us-east-1.amazonaws.com/../x.pem",
        "https://sns.us-east-1.amazonaws.com/x", "https://sns.us-east-1.amazonaws.com/.pem",
        "https://sns.evil.com.us-east-1.amazonaws.com/x.pem", "https://sns.a.b.amazonaws.com/x.pem",
        "https://sns..amazonaws.com/x.pem", "https://sns.amazonaws.com/x.pem",
        "https://s3.us-east-1.amazonaws.com/x.pem", "https://sns.us-east-1.amazonaws.com/other.pem",
        // A bucket 'sns', which is anybody's, at an address of S3 as it was written before 2020.
        "https://sns.s3-us-west-2.amazonaws.com/x.pem", "https://sns.s3-external-1.amazonaws.com/x.pem",
        "https://xsns.us-east-1.amazonaws.com/x.pem", "https://sns.us-east-1.amazonaws.com\\@evil.com/x.pem",
        "https://sns.us-east-1.amazonaws.com\t.evil.com/x.pem", "https://sns.us-east-1.amazonaws.com.cn.evil.com/x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem\n", " https://sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com%2eevil.com/x.pem", "https://sns.us-east-1.amazonaws.cօm/x.pem", "//x.pem",
        "https://sns.us-east-1.amazonaws.com/x%2e.pem", "HTTPS://sns.us-east-1.amazonaws.com/x.pem",
    ])
    func `asks no address for a certificate that is not one of SNS`(address: String) async {
        let desk = desk()
        // The name is right, so that it is not what they are refused for.
        let address = address.replacing("/x.pem", with: "/SimpleNotificationService-0.pem")
        let message = Message().with("SigningCertURL", address).signed()
        #expect(await desk.refusal(of: message.text, headers) == .foreignCertificate)
        #expect(desk.transport.requests.isEmpty)
    }

    @Test(arguments: [
        Message.address, "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0.pem",
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-0.pem",
    ])
    func `knows the addresses of each partition of AWS`(address: String) async {
        #expect(await desk().refusal(of: Message().with("SigningCertURL", address).signed().text, headers) == nil)
    }

    @Test func `takes no certificate that has ended, has not begun, or is weak`() async {
        let ended = Signer(to: now - .seconds(1))
        let message = Message().signed(by: ended)
        #expect(
            await desk(certificate: ended.certificate).refusal(of: message.text, headers) == .expiredCertificate
        )
        let early = Signer(from: now + .seconds(1))
        #expect(
            await desk(certificate: early.certificate).refusal(of: Message().signed(by: early).text, headers)
                == .expiredCertificate
        )
        let weak = Signer(bits: 1024)
        let refusal = await desk(certificate: weak.certificate).refusal(of: Message().signed(by: weak).text, headers)
        guard case .unavailable? = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }

    @Test func `forgets a certificate that ends while it is kept`() async throws {
        let signer = Signer(to: now + .seconds(60))
        let desk = desk(certificate: signer.certificate)
        _ = try await desk.take(Message().signed(by: signer).text, headers)
        desk.clock.advance(by: .seconds(61))
        #expect(await desk.refusal(of: Message().signed(by: signer).text, headers) == .expiredCertificate)
        #expect(desk.transport.requests.count == 2)
    }

    @Test func `cannot be made to ask AWS without end`() async {
        let desk = desk(certificate: "no certificate")
        var asked = 0
        for number in 0..<100 {
            let address = "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-\(number).pem"
            let refusal = await desk.refusal(of: Message().with("SigningCertURL", address).signed().text, headers)
            if case .unavailable? = refusal { asked += 1 }
        }
        #expect(asked == 12)
        #expect(desk.transport.requests.count == 12)
    }

    @Test func `refuses what is older than what is remembered`() async {
        let old = Message().with("Timestamp", "2025-12-25T06:29:59.000Z").signed()
        guard case .stale? = await desk().refusal(of: old.text, headers) else {
            Issue.record("it was taken")
            return
        }
    }

    @Test func `confirms a subscription that SNS has signed, and looks at nothing`() async throws {
        let desk = desk(.expect("GET", "ConfirmSubscription", status: 200, body: "<ConfirmSubscriptionResponse/>"))
        let deliveries = try await desk.take(Message("SubscriptionConfirmation").signed().text, headers)
        #expect(deliveries.map(\.isNews) == [false])
        #expect(desk.transport.requests.map(\.url) == [Message.address, Message.confirmation])
    }

    @Test func `confirms nothing that is not signed`() async {
        let desk = desk(.expect("GET", "ConfirmSubscription", status: 200))
        let message = Message("SubscriptionConfirmation").signed(by: Signer())
        #expect(await desk.refusal(of: message.text, headers) == .badSignature)
        #expect(desk.transport.requests.map(\.url) == [Message.address])
    }

    @Test(arguments: [
        "https://evil.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-west-2.amazonaws.com.evil.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-west-2.amazonaws.com/?Action=DeleteTopic&TopicArn=1",
        "https://sns.us-west-2.amazonaws.com:8443/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-west-2.amazonaws.com@evil.com/?Action=ConfirmSubscription&Token=1",
        "http://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-west-2.amazonaws.com/x?Action=ConfirmSubscription&Token=1",
        "https://sns.s3-us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=1",
    ])
    func `asks no address for a confirmation that is not one of SNS`(address: String) async {
        let desk = desk()
        let message = Message("SubscriptionConfirmation").with("SubscribeURL", address).signed()
        #expect(await desk.refusal(of: message.text, headers) == .foreignCertificate)
        #expect(desk.transport.requests.map(\.url) == [Message.address])
    }

    @Test func `lets SNS ask again when it does not take the confirmation`() async {
        let desk = desk(.expect("GET", "ConfirmSubscription", status: 500))
        let refusal = await desk.refusal(of: Message("SubscriptionConfirmation").signed().text, headers)
        guard case .unavailable? = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }

    @Test func `lets SNS send again when the certificate cannot be had`() async {
        let desk = Desk(
            .sns,
            topics: [Message.topic],
            script: [
                .expect("GET", ".pem", status: 503),
                .expect("GET", ".pem", status: 200, body: Signer.shared.certificate),
            ]
        )
        guard case .unavailable? = await desk.refusal(of: Message().signed().text, headers) else {
            Issue.record("it was taken")
            return
        }
        #expect(await desk.refusal(of: Message().signed().text, headers) == nil)
    }

    @Test(arguments: ["", "{}", "[1]", #"{"Type":"Notification"}"#])
    func `refuses what is no message`(text: String) async {
        guard case .malformed? = await desk().refusal(of: text, headers) else {
            Issue.record("it was taken")
            return
        }
    }
}
