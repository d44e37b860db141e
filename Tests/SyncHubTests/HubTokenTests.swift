import SyncCore
import Testing

@testable import SyncHub

@Suite("Tokens as the server keeps them")
struct HubTokenTests {
    private let office: Office
    private let ada: UInt32
    private let sam: UInt32

    init() throws {
        let office = try Office(signer: try Office.signer(seed: 1))
        func join(_ name: String, _ token: [UInt8]) throws -> UInt32 {
            try office.hub.invite(person: name, role: .worker, areas: [2], expires: .max, secretHash: token)
            return try office.hub.join(secretHash: token, deviceName: name, tokenHash: token)
        }
        ada = try join("Ada", Self.token(1))
        sam = try join("Sam", Self.token(2))
        self.office = office
    }

    private static func token(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    /// Tells a next token in a request without groups, and says whether it was confirmed.
    private func tell(_ token: [UInt8], from device: UInt32) throws -> Bool {
        var request = SyncRequest(
            schemaVersion: 1, epoch: try office.hub.epoch, clockMilliseconds: office.now, lowestOwnGroup: .max,
            directoryVersion: 0, cursors: [], groups: [])
        request.set(nextToken: token)
        let record = try office.hub.knownDevice(device)
        let isRead = try office.hub.onlyReads(request, from: record)
        let acceptance = isRead ? nil : try office.store.transaction { try office.hub.accept(request, from: device) }
        return try office.hub.reply(to: request, device: device, acceptance: acceptance).isNextTokenTaken()
    }

    private func owner(_ token: [UInt8]) throws -> UInt32? {
        try office.hub.authenticate(tokenHash: office.hub.tokenHash(token))?.number
    }

    @Test("Both are good until the next one is used; told again it is confirmed again, and another takes its place")
    func change() throws {
        for _ in 1...2 { #expect(try tell(Self.token(7), from: ada)) }
        #expect(try tell(Self.token(8), from: ada))
        #expect(try owner(Self.token(7)) == nil, "a later one took its place")
        #expect(try owner(Self.token(1)) == ada && owner(Self.token(8)) == ada)
        #expect(try office.hub.isNextToken(office.hub.tokenHash(Self.token(8))))
        for _ in 1...2 { try office.hub.takeNextToken(office.hub.tokenHash(Self.token(8))) }
        #expect(try owner(Self.token(1)) == nil && owner(Self.token(8)) == ada)
        // What is in use may be told once more: it stays in use.
        #expect(try tell(Self.token(8), from: ada))
        #expect(try owner(Self.token(8)) == ada && !office.hub.isNextToken(office.hub.tokenHash(Self.token(8))))
    }

    @Test("A token that is another device's is not confirmed, and stays that device's")
    func foreign() throws {
        #expect(try !tell(Self.token(2), from: ada))
        #expect(try tell(Self.token(9), from: sam))
        #expect(try !tell(Self.token(9), from: ada))
        #expect(try owner(Self.token(2)) == sam && owner(Self.token(9)) == sam)
    }

    /// Asks for an identity of its own, as a copied database does, and says which number that is.
    private func copy(_ token: [UInt8], of device: UInt32) throws -> UInt32? {
        var request = SyncRequest(
            schemaVersion: 1, epoch: try office.hub.epoch, clockMilliseconds: office.now, lowestOwnGroup: .max,
            directoryVersion: 0, cursors: [], groups: [])
        request.set(wantedToken: token)
        return try office.store.transaction { try office.hub.accept(request, from: device) }.identity?.device
    }

    @Test("A token that was changed is nobody's any more: no copy gets it, and no other device")
    func outdated() throws {
        #expect(try tell(Self.token(7), from: ada))
        try office.hub.takeNextToken(office.hub.tokenHash(Self.token(7)))
        for device in [ada, sam] {
            #expect(throws: HubError.invitationRefused) { try copy(Self.token(1), of: device) }
            #expect(try !tell(Self.token(1), from: device))
        }
        #expect(try owner(Self.token(1)) == nil && office.hub.devices().count == 3)
    }

    @Test("G10: a copy of a device that is shut out is told so, as with any other request, and gets no identity")
    func shutOut() throws {
        try office.hub.revoke(ada)
        #expect(try copy(Self.token(9), of: ada) == nil)
        #expect(try owner(Self.token(9)) == nil && office.hub.devices().count == 3)
    }

    @Test("Copies of one database are given so many identities a day, and so many in all; each it has stays")
    func copies() throws {
        var copies: [UInt32] = []
        func next() throws -> UInt32 {
            // A copy of a copy counts with it.
            let token = Self.token(UInt8(100 + copies.count))
            return try #require(try copy(token, of: copies.last ?? ada))
        }
        for day in 1...(Hub.largestCopyCount / Hub.largestDailyCopyCount) {
            for _ in 1...Hub.largestDailyCopyCount { copies.append(try next()) }
            #expect(throws: HubError.tooManyCopies, "day \(day)") { try next() }
            office.now += 86_400_001
        }
        #expect(throws: HubError.tooManyCopies, "too many in all") { try next() }
        #expect(try copy(Self.token(100), of: ada) == copies[0], "what was given is told again")
        #expect(try copy(Self.token(50), of: sam) != nil, "others are not the worse for it")
    }

    @Test("A revoked device changes nothing")
    func revoked() throws {
        try office.hub.revoke(ada)
        #expect(try !tell(Self.token(7), from: ada))
        #expect(try owner(Self.token(7)) == nil && owner(Self.token(1)) == ada)
    }
}
