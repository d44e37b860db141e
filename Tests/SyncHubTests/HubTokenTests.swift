import SyncCore
import Testing

@testable import SyncHub

@Suite("Tokens as the server keeps them")
struct HubTokenTests {
    private let office: Office
    private let ada: UInt32
    private let sam: UInt32

    init() throws {
        let office = try Office()
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

    @Test("A revoked device changes nothing")
    func revoked() throws {
        try office.hub.revoke(ada)
        #expect(try !tell(Self.token(7), from: ada))
        #expect(try owner(Self.token(7)) == nil && owner(Self.token(1)) == ada)
    }
}
