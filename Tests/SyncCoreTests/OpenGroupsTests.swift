import SyncCore
import Testing

@Suite("What a request says of groups that a device still holds")
struct OpenGroupsTests {
    private var request: SyncRequest {
        SyncRequest(
            schemaVersion: 1, epoch: [], clockMilliseconds: 0, lowestOwnGroup: 1, directoryVersion: 0, cursors: [],
            groups: [])
    }

    @Test("Numbers and the lower halves of fingerprints come back as they were said")
    func roundTrip() throws {
        let groups = [OpenGroup(number: 3, fingerprint: 7 << 64 | 5), OpenGroup(number: 9, fingerprint: .max)]
        var said = request
        said.set(openGroups: groups)
        let read = try SyncRequest(decoding: said.encoded())
        #expect(try read.openGroups() == groups)
        #expect(groups.map(\.check) == [5, .max])
    }

    @Test("Who holds nothing says nothing, and not a byte more")
    func nothing() throws {
        var said = request
        said.set(openGroups: [])
        #expect(said.encoded() == request.encoded())
        #expect(try said.openGroups() == [])
    }

    @Test(
        "Numbers that do not ascend, or stand without a check, can't be read",
        arguments: [[3, 1, 3, 1], [3, 1, 2, 1], [0, 1], [3], [3, 1, 4], []] as [[UInt64]])
    func malformed(numbers: [UInt64]) {
        var writer = CBORWriter()
        writer.array(count: numbers.count)
        for number in numbers { writer.unsigned(number) }
        var said = request
        said.parts[.openGroups] = writer.bytes
        #expect(throws: CBORError.self) { try said.openGroups() }
    }

    @Test(
        "A reply names the groups that it wants to see, ascending",
        arguments: [[4, 4], [5, 4], [0], []] as [[UInt64]])
    func doubted(wrong: [UInt64]) throws {
        var reply = SyncReply(
            notice: .gap, epoch: [], clockMilliseconds: 0, receipt: 0, highestTime: 0, isClockCorrected: false, held: []
        )
        #expect(try reply.doubtedGroups() == [])
        reply.set(doubtedGroups: [2, 7])
        #expect(try reply.doubtedGroups() == [2, 7])
        var writer = CBORWriter()
        writer.array(count: wrong.count)
        for number in wrong { writer.unsigned(number) }
        reply.parts[.openGroups] = writer.bytes
        #expect(throws: CBORError.self) { try reply.doubtedGroups() }
    }

    @Test(
        "Settled groups that go up once more are named, ascending",
        arguments: [[4, 4], [5, 4], [0], []] as [[UInt64]])
    func settled(wrong: [UInt64]) throws {
        var said = request
        #expect(try said.settledGroups() == [])
        said.set(settledGroups: [2, 7])
        #expect(try SyncRequest(decoding: said.encoded()).settledGroups() == [2, 7])
        said.set(settledGroups: [])
        #expect(said.encoded() == request.encoded())
        var writer = CBORWriter()
        writer.array(count: wrong.count)
        for number in wrong { writer.unsigned(number) }
        said.parts[.settledGroups] = writer.bytes
        #expect(throws: CBORError.self) { try said.settledGroups() }
    }

    @Test("A step says what went before it; nothing where nothing did")
    func handoverProgress() throws {
        var said = request
        #expect(try said.handoverProgress() == HandoverProgress())
        for progress in [HandoverProgress(groups: 7), HandoverProgress(steps: 3)] {
            said.set(progress)
            #expect(try SyncRequest(decoding: said.encoded()).handoverProgress() == progress)
        }
        said.set(HandoverProgress())
        #expect(said.encoded() == request.encoded())
        said.parts[.handoverProgress] = [0x81, 0x07]
        #expect(throws: CBORError.self) { try said.handoverProgress() }
    }

    @Test("A reply says how many steps were taken; nothing where none were")
    func handoverSteps() throws {
        var reply = SyncReply(
            notice: .none, epoch: [UInt8](repeating: 1, count: 16), clockMilliseconds: 0, receipt: 0, highestTime: 0,
            isClockCorrected: false, held: [])
        let bytes = reply.encoded()
        #expect(try reply.handoverSteps() == 0)
        reply.set(handoverSteps: 3)
        #expect(try SyncReply(decoding: reply.encoded()).handoverSteps() == 3)
        reply.set(handoverSteps: 0)
        #expect(reply.encoded() == bytes)
        reply.parts[.handoverProgress] = [0x82, 0x07, 0x07]
        #expect(throws: CBORError.self) { try reply.handoverSteps() }
    }
}
