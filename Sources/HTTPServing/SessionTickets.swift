import CGnuTLS

/// The key of this run's TLS session tickets: a returning client needs no full handshake, and the server no memory.
///
/// GnuTLS derives keys that change with time from this one (gnutls.h, `gnutls_session_ticket_key_generate`).
/// `@unchecked Sendable`: the datum is written in `init` and `deinit` alone.
@safe
final class SessionTickets: @unchecked Sendable {
    private let key: UnsafeMutablePointer<gnutls_datum_t>

    init() throws(HTTPServingError) {
        let key = UnsafeMutablePointer<gnutls_datum_t>.allocate(capacity: 1)
        unsafe key.initialize(to: gnutls_datum_t())
        let code = unsafe gnutls_session_ticket_key_generate(key)
        guard code == 0 else {
            unsafe key.deallocate()
            throw .certificate(step: "make a key for session tickets", code: code)
        }
        unsafe self.key = unsafe key
    }

    deinit {
        if let data = unsafe key.pointee.data {
            unsafe gnutls_memset(data, 0, Int(key.pointee.size))
            unsafe kith_gnutls_free(data)
        }
        unsafe key.deallocate()
    }

    /// Turns tickets on before the handshake; without them each connection makes a full handshake, nothing worse.
    func enable(on session: UnsafeMutableRawPointer?) {
        guard let session = unsafe session else { return }
        unsafe gnutls_session_ticket_enable_server(OpaquePointer(session), key)
    }
}
