extension SignatureV4 {
    /// Checks a request's signature, time and body.
    ///
    /// - Parameters:
    ///   - call: the request, raw.
    ///   - keys: secret access keys by access key id.
    ///   - region: the region a signature must be for.
    ///   - now: wall time, not the emulator's: signatures are made by the client's clock.
    /// - Returns: the body, freed of any chunked signing.
    /// - Throws: what S3 would answer.
    static func verify(
        _ call: Call,
        keys: [String: String],
        region: String,
        at now: Instant
    ) throws(S3Error) -> [UInt8] {
        let claim = try SignatureV4(call)
        guard let secret = keys[claim.accessKeyID] else { throw .invalidAccessKeyID(claim.accessKeyID) }
        try claim.checkTime(now)
        guard claim.region == region, claim.scope.hasSuffix("/s3/aws4_request") else {
            throw .malformedAuthorization(
                "The authorization header is malformed; the region '\(claim.region)' is wrong; expecting '\(region)'"
            )
        }
        try claim.checkSignedHeaders(call)
        guard claim.expectedSignature(call, secret: secret) == claim.signature else {
            throw .signatureDoesNotMatch(
                canonicalRequest: claim.canonicalRequest(call),
                stringToSign: claim.stringToSign(call)
            )
        }
        return try claim.body(of: call, secret: secret)
    }

    private func checkTime(_ now: Instant) throws(S3Error) {
        guard let signed = Instant(amz: timestamp), scope.hasPrefix(timestamp.prefix(8)) else {
            throw .malformedAuthorization("The authorization header is malformed; Invalid credential date.")
        }
        if let expires {
            guard now < signed + Double(expires) else { throw .accessDenied("Request has expired") }
        } else if abs(now - signed) > 15 * 60 {
            throw .requestTimeTooSkewed
        }
    }

    /// `host` and every `x-amz-*` header sent must be signed, or anybody could change them.
    private func checkSignedHeaders(_ call: Call) throws(S3Error) {
        let signed = Set(signedHeaders)
        let unsigned = call.headers.first { name, _ in
            (name == "host" || (name.hasPrefix("x-amz-") && expires == nil)) && !signed.contains(name)
        }
        if let unsigned {
            throw .accessDenied("There were headers present in the request which were not signed: \(unsigned.name)")
        }
    }

    private func body(of call: Call, secret: String) throws(S3Error) -> [UInt8] {
        if payload == "UNSIGNED-PAYLOAD" { return call.body }
        if payload.hasPrefix("STREAMING-") {
            return try ChunkedUpload(call.body, signature: self, secret: secret, call: call).content
        }
        guard payload == Digest.hex(Digest.sha256(call.body)) else { throw .contentSHA256Mismatch }
        return call.body
    }
}
