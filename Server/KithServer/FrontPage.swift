import HTTPServing

/// What somebody sees who opens the server's address in a browser: whose server it may be, and how to find out.
struct FrontPage: Sendable {
    /// SHA-256 of the certificate as browsers show it: `AB:CD:…`.
    let fingerprint: String

    init(_ certificate: ServerCertificate) { fingerprint = Self.words(certificate.certificateFingerprint) }

    /// The page. What it says of itself may have been written by somebody in between: so it says where to look instead.
    var response: HTTPResponse {
        let text = """
            This is the server of an office that works with kith. Laptops reach it with the program kith; there is
            nothing more to see here.

            A browser can't tell by itself whose server this is. Compare the SHA-256 fingerprint of the certificate
            that your browser shows, not only the one on this page, with the one that the office reads to you:

                \(fingerprint)

            The office finds it with: kith-server doctor
            Where they differ somebody stands between you and the office. Close this page, and tell the office.

            """
        return HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ], body: Array(text.utf8))
    }

    /// Pairs of hexadecimal digits with colons between them.
    static func words(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: ":")
    }
}
