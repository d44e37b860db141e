import Database
import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

extension CopiedDatabaseTests {
    @Test("G8 G10: a copy of a revoked laptop gets no identity")
    func revoked() throws {
        let twin = try priya.copy()
        try priya.add("first")
        try priya.sync()
        try clinic.hub.revoke(try #require(try priya.replica.device))
        try twin.add("second")
        #expect(throws: (any Error).self) { try twin.sync() }
        #expect(try clinic.hub.devices().count == 3)
    }

    @Test("G8: who is shut out and asks for an identity, once more or late, is answered as everybody who is shut out")
    func askedWhenRevoked() throws {
        let number = try #require(try priya.replica.device)
        let request = try SyncRequest(
            decoding: priya.replica.request(asking: [UInt8](repeating: 7, count: 32)).encoded())
        try clinic.hub.revoke(number)
        let acceptance = try clinic.store.transaction { try clinic.hub.accept(request, from: number) }
        #expect(acceptance.notice == .none && acceptance.identity == nil)
        #expect(try clinic.hub.devices().count == 3)
    }

    @Test("G8 G10: a copy of a copy that is shut out while it asks for an identity goes on as who it was")
    func copyOfCopyRevoked() throws {
        try priya.add("shared")
        let twin = try priya.copy()
        try priya.add("first")
        try priya.sync()
        try twin.add("second")
        try #require(try twin.sync().hasNewIdentity)
        let third = try twin.copy(seed: 98)
        try twin.add("third")
        try twin.sync()
        try third.add("fourth")
        var isTold = false
        #expect(throws: Clinic.Lost.self) {
            try third.sync { send in
                if isTold { throw Clinic.Lost() }
                isTold = true
                return try send()
            }
        }
        try clinic.hub.revoke(try #require(try twin.replica.device))
        #expect(throws: ShutOut.self) {
            try third.sync { send in
                do {
                    return try send()
                } catch is Clinic.Unknown {
                    throw ShutOut(receipt: 0)
                }
            }
        }
        let token = try #require(try twin.replica.identityToken())
        #expect(try third.replica.identityToken() == token)
    }

    @Test("G1 G10: a copy whose identity a restore lost, and whose token another copy has by then, gets one of its own")
    func tokenOfAnother() throws {
        try settle(priya, sam)
        let twin = try priya.copy()
        try priya.add("of the first")
        try priya.sync()
        // Cut once it knows that it is a copy: the next copy has the token with which it will ask.
        var isTold = false
        try twin.add("of the second")
        #expect(throws: Clinic.Lost.self) {
            try twin.sync { send in
                if isTold { throw Clinic.Lost() }
                isTold = true
                return try send()
            }
        }
        let third = try twin.copy(seed: 98)
        let backup = try clinic.backUp()
        let lost = try third.add("of the third, lost")
        try #require(try third.sync().hasNewIdentity)
        let unsent = try third.add("of the third, unsent")
        let number = try third.replica.device
        try clinic.restore(backup)
        try #require(try twin.sync().hasNewIdentity)
        try #require(try twin.replica.device != number)
        #expect(try third.sync().hasNewIdentity)
        #expect(try third.replica.device != twin.replica.device)
        try settle(priya, sam, twin, third)
        for laptop in [priya, sam, twin, third] {
            #expect(try laptop.title(lost) == "of the third, lost")
            #expect(try laptop.title(unsent) == "of the third, unsent")
        }
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G1 G10: so does one that had asked for yet another identity by then, and was cut")
    func tokenOfAnotherWhileAsking() throws {
        try settle(priya, sam)
        func learn(_ laptop: FieldLaptop) throws {
            // Cut once it knows that it is a copy.
            var isTold = false
            #expect(throws: Clinic.Lost.self) {
                try laptop.sync { send in
                    if isTold { throw Clinic.Lost() }
                    isTold = true
                    return try send()
                }
            }
        }
        let twin = try priya.copy()
        try priya.add("of the first")
        try priya.sync()
        try twin.add("of the second")
        try learn(twin)
        let third = try twin.copy(seed: 98)
        let backup = try clinic.backUp()
        try third.add("of the third")
        try #require(try third.sync().hasNewIdentity)
        let fourth = try third.copy(seed: 97)
        try third.add("of the third, too")
        try third.sync()
        let unsent = try fourth.add("of the fourth")
        try learn(fourth)
        try clinic.restore(backup)
        try #require(try twin.sync().hasNewIdentity)
        try fourth.sync()
        try settle(priya, sam, twin, fourth)
        #expect(try fourth.replica.device != twin.replica.device)
        for laptop in [priya, sam, twin, fourth] { #expect(try laptop.title(unsent) == "of the fourth") }
    }

    @Test("G10: a copy of a copy shows the token that it has until it has another one")
    func copyOfCopy() throws {
        try settle(priya, sam)
        let twin = try priya.copy()
        try priya.add("of the first")
        try settle(priya, twin)
        let number = try twin.replica.device
        let third = try twin.copy(seed: 5)
        try twin.add("of the second")
        try twin.sync()
        let own = try third.add("of the third")
        // Cut once it knows that it is a copy.
        var count = 0
        #expect(throws: Clinic.Lost.self) {
            try third.sync { send in
                count += 1
                guard count == 1 else { throw Clinic.Lost() }
                return try send()
            }
        }
        #expect(try third.replica.identityToken() == twin.replica.identityToken())
        try settle(third, twin, priya, sam)
        #expect(try clinic.hub.original(of: #require(try third.replica.device)) == number)
        #expect(try sam.title(own) == "of the third")
        #expect(try clinic.hub.conflicts(openOnly: false) == [])
    }
}
