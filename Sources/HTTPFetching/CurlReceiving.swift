import CCurl

/// The functions that libcurl calls with what it receives; fewer bytes taken than given end the fetch.
enum CurlReceiving {
    /// A piece of the body.
    static let body: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
        data, size, count, context in
        guard let collector = unsafe CurlReceiving.collector(context) else { return 0 }
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
        return unsafe collector.takeBody(bytes) ? bytes.count : 0
    }

    /// A line of the head.
    static let header: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
        data, size, count, context in
        guard let collector = unsafe CurlReceiving.collector(context) else { return 0 }
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
        return unsafe collector.takeHeader(bytes) ? bytes.count : 0
    }

    /// How much has come and gone; anything but 0 would end the fetch.
    static let progress:
        @convention(c) (UnsafeMutableRawPointer?, curl_off_t, curl_off_t, curl_off_t, curl_off_t) -> CInt = {
            context, _, _, toSend, sent in
            if toSend > 0, sent >= toSend { unsafe collector(context)?.noteSent() }
            return 0
        }

    private static func collector(_ context: UnsafeMutableRawPointer?) -> ReplyCollector? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<ReplyCollector>.fromOpaque(context).takeUnretainedValue()
    }
}

/// What libcurl's numbers mean to a caller (libcurl-errors(3)).
enum CurlFailure {
    /// The kind of a code other than `CURLE_OK`.
    static func kind(of code: CURLcode) -> FetchError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .cannotResolve
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .cannotConnect
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH: .wrongKey
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED:
            .tlsFailed
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: .cutOff
        default: .other(code: UInt32(code.rawValue))
        }
    }
}
