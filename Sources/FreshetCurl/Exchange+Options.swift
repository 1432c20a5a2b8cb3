private import CCurl
import FreshetCore
import FreshetKit

extension Exchange {
    /// Sets every option of the request; what libcurl did not take is in ``EasyHandle/firstFailure``.
    func prepare(_ handle: EasyHandle, _ options: CurlTransport.Options, timeout milliseconds: Int64) {
        self.handle = handle
        handle.set(CURLOPT_URL, request.url)
        handle.set(CURLOPT_PATH_AS_IS, 1)
        handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        handle.set(CURLOPT_FOLLOWLOCATION, 0)
        handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        handle.set(CURLOPT_ACCEPT_ENCODING, "")
        handle.set(CURLOPT_USERAGENT, options.userAgent)
        // Signals belong to the process; timeouts during name resolution work without them.
        handle.set(CURLOPT_NOSIGNAL, 1)
        handle.set(CURLOPT_TCP_KEEPALIVE, 1)
        handle.set(CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, options.connectTimeout.inMilliseconds)))
        handle.set(CURLOPT_TIMEOUT_MS, Int(max(1, milliseconds)))
        if let caFile = request.caFile ?? options.caFile { handle.set(CURLOPT_CAINFO, caFile) }
        if request.onFreshConnection {
            handle.set(CURLOPT_FRESH_CONNECT, 1)
            handle.set(CURLOPT_FORBID_REUSE, 1)
        }
        setRoute(handle, options.proxy)
        if request.egress != nil { setGuard(handle) }
        setMethodAndBody(handle)
        setSigning(handle)
        handle.setHeaders(headerLines)
        receiveInto(handle)
    }

    private func setRoute(_ handle: EasyHandle, _ proxy: CurlTransport.Proxy) {
        if let socket = request.unixSocket {
            handle.set(CURLOPT_UNIX_SOCKET_PATH, socket)
            handle.set(CURLOPT_PROXY, "")
            return
        }
        guard !request.isDirect else { return handle.set(CURLOPT_PROXY, "") }
        switch proxy {
        case .environment: break
        case .none: handle.set(CURLOPT_PROXY, "")
        case .url(let url): handle.set(CURLOPT_PROXY, url)
        }
    }

    /// Asks twice: before a connection is opened, so that nobody inside is knocked at, and before the request goes out,
    /// since it may go out on a kept connection that an unguarded request has opened.
    private func setGuard(_ handle: EasyHandle) {
        // The contexts are the exchange, set here: never nil, and it outlives the transfer.
        handle.setGuard(
            { context, _, address in
                guard let address else { return CURL_SOCKET_BAD }
                var bytes = [UInt8](repeating: 0, count: 16)
                let count = Int(freshet_address_bytes(address, &bytes))
                let exchange = Unmanaged<Exchange>.fromOpaque(context!).takeUnretainedValue()
                return exchange.admits(Array(bytes.prefix(count))) ? freshet_open_socket(address) : CURL_SOCKET_BAD
            },
            { context, remote, _, _, _ in
                let exchange = Unmanaged<Exchange>.fromOpaque(context!).takeUnretainedValue()
                let text = remote.map { String(cString: $0) } ?? ""
                let isAdmitted = exchange.admits(AddressRange.address(text) ?? [])
                return isAdmitted ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    /// Some methods mean a body: without one they say so with `Content-Length: 0`.
    private var body: [UInt8]? {
        request.body ?? (["PATCH", "POST", "PUT"].contains(request.method) ? [] : nil)
    }

    private func setMethodAndBody(_ handle: EasyHandle) {
        if let body {
            handle.set(CURLOPT_POST, 1)
            handle.setBody(body)
        } else if request.method == "HEAD" {
            handle.set(CURLOPT_NOBODY, 1)
        } else {
            handle.set(CURLOPT_HTTPGET, 1)
        }
        handle.set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private func setSigning(_ handle: EasyHandle) {
        guard let signing = request.signing else { return }
        handle.set(CURLOPT_AWS_SIGV4, "aws:amz:\(signing.region):\(signing.service)")
        handle.set(CURLOPT_USERNAME, signing.accessKeyID)
        handle.set(CURLOPT_PASSWORD, signing.secretAccessKey)
    }

    /// In libcurl's notation: `Name;` is an empty value, `Name:` takes the field out.
    private var headerLines: [String] {
        var lines = request.headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if request.signing != nil {
            // libcurl 7.88 signs also what is taken out, as if it were sent with an empty value.
            let hasType = request.headers["Content-Type"] != nil
            return hasType || body == nil ? lines : lines + ["Content-Type: application/octet-stream"]
        }
        // Waiting for `100 Continue` costs a second where the other side does not know it.
        if request.headers["Expect"] == nil { lines.append("Expect:") }
        // libcurl would call every body a form.
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        return lines
    }

    private func receiveInto(_ handle: EasyHandle) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        handle.collectErrorText()
        handle.set(CURLOPT_PRIVATE, context)
        handle.set(CURLOPT_WRITEDATA, context)
        handle.set(CURLOPT_HEADERDATA, context)
        // Any count but the one given ends the transfer. The contexts are those set above: never nil.
        let receiveBody: freshet_data_callback = { bytes, size, count, context in
            let exchange = Unmanaged<Exchange>.fromOpaque(context!).takeUnretainedValue()
            return exchange.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        let receiveHeaderLine: freshet_data_callback = { bytes, size, count, context in
            let exchange = Unmanaged<Exchange>.fromOpaque(context!).takeUnretainedValue()
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return exchange.receive(headerLine: line) ? size * count : 0
        }
        handle.set(CURLOPT_WRITEFUNCTION, receiveBody)
        handle.set(CURLOPT_HEADERFUNCTION, receiveHeaderLine)
    }
}
