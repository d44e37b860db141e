import Cryptography
import Foundation
import SyncCore
import Testing

@Suite(
    "A laptop's token is changed every 30 days",
    .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct TokenChangeTests {
    private let office: Office
    private let boss: Laptop
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        boss = try office.laptop("Boss", "admin")
        try boss.run("sync").succeeded()
        try office.close()
        // From here on an office can be put back to what knows Boss alone.
        try FileManager.default.copyItem(atPath: office.folder, toPath: office.scratch.path("before joining"))
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("sync").succeeded()
    }

    private func status(_ token: String) throws -> Int { try Wire(office, token: token).sync().status }

    @Test("The next token is told in one sync and used from the next on, and then the old one is good no more")
    func changed() throws {
        let old = try Wire.token(of: priya)
        try priya.run("sync").succeeded()
        #expect(try Wire.token(of: priya) == old, "it is young")
        try TokenAge.makeOld(priya)
        try priya.run("sync").succeeded()
        let new = try Wire.token(of: priya)
        #expect(new != old)
        #expect(try status(old) == 200, "nobody has used the new one yet")
        try priya.run("sync").succeeded()
        #expect(try status(old) == 401 && status(new) == 200)
        #expect(try Wire.token(of: priya) == new)
        let log = try office.run("audit", "list").succeeded().output
        #expect(log.components(separatedBy: "token changed").count == 2, "\(log)")
        #expect(try office.run("devices", "list", "--json").json().array?.count == 2)
        try office.close()
    }

    @Test("No file of the server holds a token or the secret of an invitation, as it is shown or as bytes")
    func hashed() throws {
        let code = try InvitationCode(decoding: office.invite("Late"), hash: BLAKE2b.hash256)
        try TokenAge.makeOld(priya)
        try priya.run("sync").succeeded()
        // The present one, and the next one where the laptop still keeps both.
        let kept = try SQLiteShell.run(
            priya.database, "SELECT hex(value) FROM laptop_setting WHERE name IN ('token', 'next_token')")
        var secrets = kept.split(separator: "\n").map { Self.bytes(String($0)) } + [code.secret]
        try #require(secrets.count >= 2 && secrets.allSatisfy { $0.count >= 16 })
        secrets.append(Array(try Wire.token(of: priya).utf8))
        try office.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: office.folder) {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(office.folder)/\(name)"))
            for secret in secrets { #expect(data.range(of: Data(secret)) == nil, "\(name)") }
        }
        let hash = Data(BLAKE2b.hash256(secrets[0]))
        let database = try Data(contentsOf: URL(fileURLWithPath: "\(office.folder)/hub.sqlite"))
        #expect(database.range(of: hash) != nil, "the search finds what is there")
    }

    @Test(
        "It is the 30th day that counts", .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"),
        arguments: [(29, false), (31, true)])
    func calendar(day: Int, isChanged: Bool) throws {
        let old = try Wire.token(of: priya)
        try FakeClock.run("+\(day)d", Programs.client, ["sync"], environment: ["KITH_HOME": priya.home]).succeeded()
        #expect(try (Wire.token(of: priya) != old) == isChanged)
        try priya.run("sync").succeeded()
        #expect(try status(old) == (isChanged ? 401 : 200))
        try office.close()
    }

    @Test(
        "G10: a server that was put back knows the laptop by its key, and lets the token before in no more",
        arguments: ["before joining", "before the change", "told"])
    func restored(moment: String) throws {
        func keep(_ name: String) throws {
            guard name == moment else { return }
            try office.close()
            try FileManager.default.copyItem(atPath: office.folder, toPath: office.scratch.path(name))
            try office.open()
        }
        try keep("before the change")
        let old = try Wire.token(of: priya)
        try TokenAge.makeOld(priya)
        try priya.run("sync").succeeded()
        try keep("told")
        try priya.run("sync").succeeded()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let visit = try priya.visit("Castle House", summary: "Tea.")
        try priya.run("sync").succeeded()
        try office.close()
        try FileManager.default.removeItem(atPath: office.folder)
        try FileManager.default.copyItem(atPath: office.scratch.path(moment), toPath: office.folder)
        try office.open()
        // A plain copy: the restored server may know the old token. Its laptop comes with the new one.
        try priya.run("sync").succeeded()
        #expect(try status(old) == 401)
        #expect(try status(Wire.token(of: priya)) == 200)
        #expect(try office.run("export", "visits").succeeded().output.contains("Tea."))
        #expect(try priya.listed(visit)["summary"].string == "Tea.")
        try boss.run("sync").succeeded()
        let names = try office.run("devices", "list", "--json").json().array?.compactMap { $0["name"].string } ?? []
        #expect(names.filter { $0 == priya.device }.count == 1, "\(names)")
        try office.close()
    }

    @Test("G10: a laptop that is put back to before the change is let in by its key, and loses nothing")
    func putBack() throws {
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let twin = try Laptop("Priya")
        try FileManager.default.copyItem(atPath: priya.home, toPath: twin.home)
        try TokenAge.makeOld(priya)
        for _ in 1...2 { try priya.run("sync").succeeded() }
        let visit = try twin.visit("Castle House", summary: "By the older copy.")
        for laptop in [twin, priya, twin, priya] { try laptop.run("sync").succeeded() }
        #expect(try priya.listed(visit)["summary"].string == "By the older copy.")
        for laptop in [priya, twin] { #expect(try laptop.exported() == office.exported()) }
        try office.close()
    }

    @Test("G8: a laptop that was shut out changes nothing about it by its key: it hands its work in, and gets nothing")
    func revoked() throws {
        let backup = office.scratch.path("older")
        try office.close()
        try FileManager.default.copyItem(atPath: office.folder, toPath: backup)
        try office.open()
        try TokenAge.makeOld(priya)
        for _ in 1...2 { try priya.run("sync").succeeded() }
        try office.close()
        let database = "\(office.folder)/hub.sqlite"
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database + end) }
        try FileManager.default.copyItem(atPath: "\(backup)/hub.sqlite", toPath: database)
        try office.open()
        try office.run("revoke", priya.device, "--yes").succeeded()
        try priya.run("person", "add", "Robin").succeeded()
        let told = try priya.run("sync")
        #expect(told.code == 5 && told.errors.contains("handed in"), "\(told)")
        #expect(try status(Wire.token(of: priya)) == 403)
        #expect(try office.run("quarantine", "list", "--json").json().array?.count == 1)
        #expect(try !office.run("export", "people").succeeded().output.contains("Robin"))
        try office.close()
    }

    @Test("Who holds the ledger and another key proves nothing: refused, and no new history begins")
    func forged() throws {
        let epoch = try history()
        let lines = try SQLiteShell.run(priya.database, "SELECT hex(entry) FROM ledger ORDER BY number")
            .split(separator: "\n").map { try LedgerEntry(decoding: Self.bytes(String($0))) }
        let mallory = try OfficeKey(seed: [UInt8](repeating: 7, count: 32))
        let named = try #require(
            try lines.last { $0.kind == LedgerEntry.Kind.deviceKey.rawValue }.map {
                try LedgerContent.DeviceKey(decoding: $0.payload)
            })
        let token = [UInt8](repeating: 9, count: 32)
        let hash = BLAKE2b.hash256(token)
        let text = Data(token).base64EncodedString().replacingOccurrences(of: "=", with: "")
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        for (device, shown) in [
            (named.device, named.publicKey), (named.device, mallory.publicKey), (99, mallory.publicKey),
        ] {
            var request = SyncRequest(
                schemaVersion: 4, epoch: [UInt8](repeating: 1, count: 16), clockMilliseconds: Wire.now,
                lowestOwnGroup: 1,
                directoryVersion: 0, cursors: [], groups: [])
            request.set(HealingRequest(receipt: 9, step: .ledger(lines, directory: nil)))
            // The office's public key is not known to a stranger's tool; the one of the laptop's file is.
            let key = Self.bytes(try SQLiteShell.run(priya.database, "SELECT hex(public_key) FROM office"))
            let signed = DeviceProof.signedBytes(device: device, tokenHash: hash, officeKey: key)
            request.set(DeviceProof(device: device, publicKey: shown, signature: mallory.sign(signed)))
            let answer = try Wire(office, token: text).send(request.encoded(), to: "/v1/sync")
            #expect(answer.status == 401, "\(device)")
        }
        #expect(try history() == epoch)
        #expect(try status(Wire.token(of: priya)) == 200)
        try office.close()
    }

    private func history() throws -> String {
        try SQLiteShell.run("\(office.folder)/hub.sqlite", "SELECT hex(value) FROM server WHERE name = 'epoch'")
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
    }
}

/// How old a laptop takes its token for.
enum TokenAge {
    static func makeOld(_ laptop: Laptop) throws {
        let days = 31
        _ = try SQLiteShell.run(
            laptop.database,
            "UPDATE laptop_setting SET value = value - \(days) * 86400000 WHERE name = 'token_made'")
    }
}
