import Foundation
import HTTPServing
import Testing

@Suite("Server certificate")
struct ServerCertificateTests {
    @Test("What is written is read back as the same key and certificate")
    func roundTrips() throws {
        let made = try ServerCertificate.make(commonName: "Office", validYears: 10)
        let read = try ServerCertificate(privateKeyPEM: made.privateKeyPEM, certificatePEM: made.certificatePEM)
        #expect(read.publicKeyPin == made.publicKeyPin)
        #expect(read.certificateFingerprint == made.certificateFingerprint)
        #expect(made.publicKeyPin.count == 32)
        #expect(made.publicKeyPin != made.certificateFingerprint)
    }

    @Test("Two certificates never share key or fingerprint")
    func differs() throws {
        let first = try ServerCertificate.make(commonName: "Office", validYears: 1)
        let second = try ServerCertificate.make(commonName: "Office", validYears: 1)
        #expect(first.publicKeyPin != second.publicKeyPin)
        #expect(first.certificateFingerprint != second.certificateFingerprint)
    }

    @Test("A key that is not the certificate's is refused, and so is what is no PEM")
    func refusesMismatch() throws {
        let first = try ServerCertificate.make(commonName: "Office", validYears: 1)
        let second = try ServerCertificate.make(commonName: "Office", validYears: 1)
        #expect(throws: HTTPServingError.keyDoesNotMatch) {
            try ServerCertificate(privateKeyPEM: first.privateKeyPEM, certificatePEM: second.certificatePEM)
        }
        #expect(throws: HTTPServingError.self) {
            try ServerCertificate(privateKeyPEM: Array("no key".utf8), certificatePEM: first.certificatePEM)
        }
    }

    @Test("Years out of bounds are refused", arguments: [0, -1, 101])
    func refusesYears(years: Int) {
        #expect(throws: HTTPServingError.invalidSetting(name: "validYears", value: years)) {
            try ServerCertificate.make(commonName: "Office", validYears: years)
        }
    }

    @Test(
        "OpenSSL reads the same names, dates, pin and fingerprint",
        .enabled(if: OpenSSLClient.isInstalled, "openssl is not installed"))
    func agreesWithOpenSSL() throws {
        let made = try ServerCertificate.make(
            commonName: "Office of Kith", alternativeNames: ["kith.example.org", "192.0.2.7"], validYears: 10,
            nowSeconds: 1_700_000_000)
        let text = try openssl(
            ["x509", "-noout", "-text", "-fingerprint", "-sha256"], input: made.certificatePEM)
        let shown = String(decoding: text, as: UTF8.self)
        #expect(shown.contains("Subject: CN = Office of Kith"))
        #expect(shown.contains("DNS:localhost, IP Address:127.0.0.1"))
        #expect(shown.contains("DNS:kith.example.org, IP Address:192.0.2.7"))
        #expect(shown.contains("Not Before: Nov 13 22:13:20 2023 GMT"))
        #expect(shown.contains("ecdsa-with-SHA256") && shown.contains("prime256v1"))
        let fingerprint = made.certificateFingerprint.map { String(format: "%02X", $0) }.joined(separator: ":")
        #expect(shown.contains(fingerprint))
        let publicPEM = try openssl(["x509", "-noout", "-pubkey"], input: made.certificatePEM)
        let publicDER = try openssl(["pkey", "-pubin", "-outform", "DER"], input: publicPEM)
        #expect(try openssl(["dgst", "-sha256", "-binary"], input: publicDER) == made.publicKeyPin)
    }

    private func openssl(_ arguments: [String], input: [UInt8]) throws -> [UInt8] {
        let process = Process()
        let inputPipe = Pipe()
        let outputPipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardInput = inputPipe
        process.standardOutput = outputPipe
        try process.run()
        try inputPipe.fileHandleForWriting.write(contentsOf: Data(input))
        try inputPipe.fileHandleForWriting.close()
        let output = try outputPipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(output)
    }
}
