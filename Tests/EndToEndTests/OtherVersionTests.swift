import Compression
import Foundation
import HTTPServing
import SyncCore
import Synchronization
import Testing

/// Programs of other versions: a server that knows neither the dictionary nor requests in short form, and a laptop that does not.
@Suite("Programs of other versions")
struct OtherVersionTests {
    /// What a request had in its headers and its first element.
    private struct Seen: Equatable {
        let coding: String?
        let protocolVersion: Int?
    }

    /// How a server of another version refuses what it does not know.
    enum Version: Sendable, CaseIterable {
        /// It knows no dictionary at all: the body makes no sense.
        case older
        /// It has another dictionary, and says so.
        case other
    }

    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("person", "add", "Robin").succeeded()
        try priya.run("sync").succeeded()
        try priya.run("person", "add", "Kim").succeeded()
    }

    /// A server of another version in the office's place, on its port and with its key; it takes all that it can read.
    private func server(_ version: Version, _ seen: @escaping @Sendable (Seen) -> Void) throws -> HTTPServer {
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: "\(office.folder)/\(name)")))
        }
        let certificate = try ServerCertificate(
            privateKeyPEM: try bytes("tls-key.pem"), certificatePEM: try bytes("tls-certificate.pem"))
        var settings = HTTPServerSettings()
        settings.port = office.port
        return try HTTPServer(settings: settings, certificate: certificate) { request, responder in
            let coding = request.header("Content-Encoding")
            func refuse(_ status: Int, _ refusal: Refusal) {
                seen(Seen(coding: coding, protocolVersion: nil))
                responder.respond(HTTPResponse(status: status, body: refusal.encoded(receipt: 0)))
            }
            guard coding == nil || coding == "zstd" else {
                return refuse(400, version == .older ? .malformed : .dictionary)
            }
            do {
                let body =
                    coding == nil ? request.body : try Decompressor().decompress(request.body, limitBytes: 1 << 24)
                let message = try SyncRequest(decoding: body)
                guard message.protocolVersion == 1 else { return refuse(426, .protocolVersion) }
                seen(Seen(coding: coding, protocolVersion: 1))
                responder.respond(HTTPResponse(status: 200, body: Self.reply(to: message).encoded()))
            } catch {
                refuse(400, .malformed)
            }
        }
    }

    /// Takes all groups as they were sent, and tells nothing new.
    private static func reply(to request: SyncRequest) -> SyncReply {
        let numbers = request.groups.map(\.number)
        var reply = SyncReply(
            epoch: request.epoch, clockMilliseconds: request.clockMilliseconds, receipt: numbers.last ?? 2,
            highestTime: 0)
        for cursor in request.cursors {
            let asSent = numbers.first.map { [$0...(numbers.last ?? $0)] } ?? []
            reply.pages.append(
                FeedPage(
                    area: cursor.area, sequence: cursor.sequence, mark: cursor.mark, isComplete: true, digest: nil,
                    asSent: cursor.area == 2 ? asSent : []))
        }
        return reply
    }

    @Test(
        "G16: a server that knows neither dictionary nor short form is told all of it, and the work is sent once",
        arguments: Version.allCases)
    func olderServer(_ version: Version) throws {
        try office.close()
        let seen = Mutex<[Seen]>([])
        let server = try server(version) { request in seen.withLock { $0.append(request) } }
        let summary = try priya.json("sync")
        server.stop()
        #expect(summary["sent"].integer == 1, "\(summary)")
        let requests = seen.withLock { $0 }
        #expect(requests.first?.coding == "kith1", "\(requests)")
        #expect(requests.filter { $0.coding == "kith1" }.count == 1, "the dictionary was tried once: \(requests)")
        #expect(requests.last?.protocolVersion == 1, "\(requests)")
        #expect(requests.filter { $0.protocolVersion == 1 }.count == 1, "what was taken is not sent again: \(requests)")
    }

    @Test("G16: a laptop of a version without the dictionary is served, and gets none", .enabled(if: Wire.isPossible))
    func olderLaptop() throws {
        let request = SyncRequest(
            schemaVersion: 4, epoch: [], clockMilliseconds: Wire.now, lowestOwnGroup: 1, directoryVersion: 0,
            cursors: [], groups: []
        ).encoded()
        let wire = try Wire(office, as: priya)
        let plain = try wire.send(request, to: "/v1/sync")
        #expect(plain.status == 200)
        #expect(try SyncReply(decoding: plain.body).pages.count == 2)
        let sent = try Compressor().compress(request)
        let zstd = try wire.send(
            sent, to: "/v1/sync", headers: ["Content-Encoding: zstd", "Accept-Encoding: zstd"])
        #expect(zstd.status == 200)
        let body = try Decompressor().decompress(zstd.body, limitBytes: 1 << 20)
        #expect(try SyncReply(decoding: body).pages.count == 2)
        try office.close()
    }

    @Test(
        "A dictionary that the server lacks is refused by name, a damaged body as one, and a bomb before it grows",
        .enabled(if: Wire.isPossible))
    func refusals() throws {
        let wire = try Wire(office, as: priya)
        let bomb = try BodyCodec().encode([UInt8](repeating: 0, count: 60_000), allowsDictionary: true)
        // A frame of one segment that claims 4 GiB, without the first four bytes.
        let claim: [UInt8] = [0xA0, 0, 0, 0, 0xFF, 0x01, 0, 0]
        let cases: [(body: [UInt8], coding: String, status: Int, refusal: Refusal)] = [
            ([1, 2, 3], "kith9", 400, .dictionary), ([1, 2, 3], "br", 400, .malformed),
            ([1, 2, 3], "kith1", 400, .malformed), (bomb.bytes, "kith1", 400, .malformed),
            (claim, "kith1", 413, .tooLarge),
        ]
        for (body, coding, status, refusal) in cases {
            let answer = try wire.send(body, to: "/v1/sync", headers: ["Content-Encoding: \(coding)"])
            #expect(answer.status == status, "\(coding)")
            #expect(try Refusal.decode(answer.body).refusal == refusal, "\(coding)")
        }
        #expect(try priya.json("sync")["sent"].integer == 1)
        try office.close()
    }

    @Test("G10: a server that does not hold what a short request leaves out is told all, and healed as ever")
    func restored() throws {
        let file = office.scratch.path("office.kith")
        try office.run("backup", file).succeeded()
        try priya.run("sync").succeeded()
        try office.close()
        try office.run(
            "restore", file, "--recovery-key", "-", "--yes", input: .bytes(Data(office.recoveryKey.utf8))
        ).succeeded()
        try office.open()
        try priya.run("sync").succeeded()
        #expect(try office.exported() == priya.exported())
        #expect(try office.exported().contains("Kim"))
        try office.close()
    }
}
