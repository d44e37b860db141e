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
            notice: .none, epoch: [], clockMilliseconds: 0, receipt: 0, highestTime: 0, isClockCorrected: false,
            held: [],
            directory: nil, pages: [])
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
