import CCurl

/// One transfer of libcurl, its options, and the memory that they point to.
final class EasyHandle {
    let easy: UnsafeMutableRawPointer
    /// The first option that libcurl did not take.
    private(set) var firstFailure: CURLcode?
    private var fields: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    /// Fails when there is no memory left.
    init?() {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(fields)
        errorText.deallocate()
    }

    /// Forgets every option but keeps what libcurl has learned of hosts.
    func reset() {
        curl_easy_reset(easy)
        curl_slist_free_all(fields)
        fields = nil
        firstFailure = nil
        errorText[0] = 0
    }

    func set(_ option: CURLoption, _ value: Int) { note(freshet_set_long(easy, option, value)) }

    func set(_ option: CURLoption, _ value: String) { note(freshet_set_text(easy, option, value)) }

    func set(_ option: CURLoption, _ value: UnsafeRawPointer) { note(freshet_set_pointer(easy, option, value)) }

    func set(_ option: CURLoption, _ value: @escaping freshet_data_callback) {
        note(freshet_set_callback(easy, option, value))
    }

    func setGuard(
        _ open: @escaping freshet_open_callback,
        _ ready: @escaping freshet_ready_callback,
        _ context: UnsafeMutableRawPointer
    ) {
        note(freshet_set_guard(easy, open, ready, context))
    }

    /// Copies the bytes.
    func setBody(_ body: [UInt8]) {
        note(freshet_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        // An empty array may have no address, and libcurl takes none as "no body".
        let body = body.isEmpty ? [0] : body
        body.withUnsafeBytes { note(freshet_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)) }
    }

    func setHeaders(_ lines: [String]) {
        for line in lines {
            guard let longer = curl_slist_append(fields, line) else { return note(CURLE_OUT_OF_MEMORY) }
            fields = longer
        }
        guard let fields else { return }
        note(freshet_set_pointer(easy, CURLOPT_HTTPHEADER, fields))
    }

    func collectErrorText() { note(freshet_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)) }

    /// libcurl's own words on what went wrong; empty when it has none.
    var errorMessage: String { String(cString: errorText) }

    var status: Int { freshet_get_long(easy, CURLINFO_RESPONSE_CODE) }

    /// False when no byte of the request can have left: libcurl neither began the transfer nor counted a byte sent.
    var mayHaveArrived: Bool {
        freshet_get_long(easy, CURLINFO_REQUEST_SIZE) > 0 || freshet_get_size(easy, CURLINFO_PRETRANSFER_TIME_T) > 0
    }

    private func note(_ code: CURLcode) {
        if firstFailure == nil, code != CURLE_OK { firstFailure = code }
    }
}
