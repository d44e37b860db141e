import Compression
import Foundation
import HTTPServing
import OutreachModel
import SyncCore
import Synchronization
import Testing

/// Somebody who has the office's TLS key, and answers in its place.
@Suite("A hostile server")
struct HostileServerTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("person", "add", "Robin").succeeded()
        try priya.run("sync").succeeded()
        try priya.run("person", "add", "Kim").succeeded()
        try office.close()
    }

    /// Answers each request on the office's own port, with its key.
    private func answering(_ answer: @escaping @Sendable (SyncRequest) -> HTTPResponse) throws -> HTTPServer {
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: "\(office.folder)/\(name)")))
        }
        let certificate = try ServerCertificate(
            privateKeyPEM: try bytes("tls-key.pem"), certificatePEM: try bytes("tls-certificate.pem"))
        var settings = HTTPServerSettings()
        settings.port = office.port
        return try HTTPServer(settings: settings, certificate: certificate) { request, responder in
            do {
                guard let coding = BodyCoding(header: request.header("Content-Encoding")) else {
                    return responder.respond(HTTPResponse(status: 400, body: Refusal.dictionary.encoded(receipt: 0)))
                }
                let body = BodyCodec.Body(bytes: request.body, coding: coding)
                let message = try SyncRequest(decoding: BodyCodec().decode(body, limitBytes: 1 << 24))
                // It wants to know all that the laptop knows.
                guard !message.isShort else {
                    return responder.respond(HTTPResponse(status: 409, body: Refusal.unabridged.encoded(receipt: 0)))
                }
                responder.respond(answer(message))
            } catch {
                responder.respond(HTTPResponse(status: 500))
            }
        }
    }

    private static func reply(to request: SyncRequest, parts: (inout SyncReply) -> Void = { _ in }) -> [UInt8] {
        var reply = SyncReply(
            epoch: request.epoch, clockMilliseconds: request.clockMilliseconds, receipt: 0, highestTime: 0)
        parts(&reply)
        return reply.encoded()
    }

    /// The number that a laptop expects of the next line of its ledger.
    private static func nextNumber(_ request: SyncRequest) -> UInt64 {
        do { return try (request.ledgerProgress()?.count ?? 0) + 1 } catch { return 1 }
    }

    /// What no laptop must believe, each with a word for the test's report.
    private static let answers: [(String, @Sendable (SyncRequest) -> HTTPResponse)] = [
        ("no message", { _ in HTTPResponse(status: 200, body: Array("hello".utf8)) }),
        ("nothing", { _ in HTTPResponse(status: 200) }),
        ("70 MB", { _ in HTTPResponse(status: 200, body: [UInt8](repeating: 0x80, count: 70 << 20)) }),
        (
            "10 GB that are said to be compressed",
            { _ in
                // A zstd frame of one segment whose header claims 10 GiB.
                let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0x80, 2, 0, 0, 0, 1, 0, 0]
                return HTTPResponse(status: 200, headers: [("Content-Encoding", "zstd")], body: frame)
            }
        ),
        (
            "a billion pages",
            { request in
                let whole = HostileServerTests.reply(to: request)
                // The reply ends with the empty list of pages: it claims a billion of them.
                return HTTPResponse(status: 200, body: whole.dropLast() + [0x9a, 0x3b, 0x9a, 0xca, 0x00])
            }
        ),
    ]

    @Test("What can't be an answer changes nothing on the laptop, and what waits there goes on waiting")
    func impossible() throws {
        let before = try priya.exported()
        for (name, answer) in Self.answers {
            let server = try answering(answer)
            let told = try priya.run("sync")
            server.stop()
            #expect(told.code != 0, "\(name): \(told)")
            #expect(told.errors.contains("saved") || told.errors.contains("Nothing was"), "\(name): \(told)")
            #expect(try priya.exported() == before, "\(name)")
            #expect(try priya.json("status")["waiting"].integer == 1, "\(name)")
        }
        try office.open()
        #expect(try priya.json("sync")["sent"].integer == 1, "and the real office is still believed")
        try expectAgreement([priya], office)
        try office.close()
    }

    @Test(
        "G10: a laptop hands over what it holds to nobody who only names the office's key",
        .enabled(if: SQLiteShell.isInstalled, "sqlite3 is missing"), arguments: [false, true])
    func handover(isSigned: Bool) throws {
        let hex = try SQLiteShell.run(priya.database, "SELECT hex(public_key) FROM office")
        let digits = Array(hex.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
        let key = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
        try #require(key.count == 32)
        let asked = Mutex<[Bool]>([])
        let server = try answering { request in
            asked.withLock { $0.append(request.isHandingOver) }
            var reply = SyncReply(
                epoch: [UInt8](repeating: 9, count: 16), clockMilliseconds: request.clockMilliseconds, receipt: 0,
                highestTime: 0)
            reply.notice = .otherHistory
            reply.set(LedgerNews(publicKey: key))
            reply.set(HealingAnswer(step: 0))
            if isSigned { reply.set(handoverSignature: [UInt8](repeating: 7, count: 64)) }
            return HTTPResponse(status: 200, body: reply.encoded())
        }
        let before = try priya.exported()
        let told = try priya.run("sync")
        server.stop()
        #expect(told.code == 5, "\(told)")
        #expect(asked.withLock { $0 } == [false], "one request, and no step of a handover")
        #expect(try priya.exported() == before)
        try office.open()
        #expect(try priya.json("sync")["sent"].integer == 1)
        try office.close()
    }

    @Test("G9: an order to erase everything that does not bear the office's signature erases nothing, and is told")
    func unsignedErasure() throws {
        let robin = try priya.json("person", "list")[0]["id"].text()
        let id = try #require(RecordID(robin))
        let before = try priya.exported()
        let server = try answering { request in
            let order = ErasureOrder(
                id: RecordID(milliseconds: 1, random: (1, 1)), time: .max >> 1,
                targets: [ErasureTarget(table: OutreachSchema.Number.person, record: id)])
            var entry = LedgerEntry(
                number: Self.nextNumber(request), kind: LedgerEntry.Kind.erasure.rawValue, time: 1, previous: 0,
                payload: order.encoded())
            entry.signature = [UInt8](repeating: 7, count: 64)
            return HTTPResponse(
                status: 200,
                body: Self.reply(to: request) { $0.set(LedgerNews(publicKey: nil, entries: [entry])) })
        }
        let told = try priya.run("sync")
        server.stop()
        #expect(told.errors.contains("does not bear your office's signature") || told.code != 0, "\(told)")
        #expect(try priya.exported() == before)
        try office.open()
        try priya.run("sync").succeeded()
        try expectAgreement([priya], office)
        try office.close()
    }
}
