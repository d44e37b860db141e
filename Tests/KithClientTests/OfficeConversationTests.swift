import Foundation
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

/// A line to an office on paper that notes on which thread it is used.
private final class ThreadLink: ServerLink, Sendable {
    let isOneOfSeveral = true
    /// For each request whether it was sent on the thread that made the link.
    let isAlone = Mutex<[Bool]>([])
    private let office: PaperOffice
    private let thread = ThreadLink.name

    init(_ office: PaperOffice) { self.office = office }

    private static var name: ObjectIdentifier { ObjectIdentifier(Thread.current) }

    func sync(_ request: SyncRequest) throws(ClientError) -> SyncReply {
        isAlone.withLock { $0.append(Self.name != thread) }
        return try office.sync(request)
    }

    func join(_ request: JoinRequest) throws(ClientError) -> JoinReply { try office.join(request) }
    func history(_ request: HistoryRequest) throws(ClientError) -> HistoryReply { try office.history(request) }
}

@Suite("The conversation of a sync")
struct OfficeConversationTests {
    @Test("The first request that brings something leaves on a thread of its own, and one that brings nothing does not")
    func first() throws {
        let field = try FieldLaptop()
        let laptop = try Laptop(home: HomeFolder(path: field.folder), creating: false, clock: { FieldLaptop.now })
        let token = try laptop.office().token
        for (visits, isAlone) in [(0, [false]), (1, [true])] {
            for _ in 0..<visits { _ = try field.visit() }
            let link = ThreadLink(field.office)
            let office = OfficeConversation(laptop, token: token) { _ in link }
            let summary = try SyncSession(replica: laptop.replica).run(office.transport)
            #expect(summary.matches)
            #expect(link.isAlone.withLock { $0 } == isAlone)
        }
    }

    @Test("A refusal on a thread of its own ends the sync like any other")
    func refused() throws {
        let field = try FieldLaptop()
        _ = try field.visit()
        let laptop = try Laptop(home: HomeFolder(path: field.folder), creating: false, clock: { FieldLaptop.now })
        field.office.state.withLock { $0.syncError = .cutOff(reason: "the line") }
        let office = OfficeConversation(laptop, token: try laptop.office().token) { [office = field.office] _ in
            ThreadLink(office)
        }
        #expect(throws: ClientError.cutOff(reason: "the line")) {
            try SyncSession(replica: laptop.replica).run(office.transport)
        }
        field.office.state.withLock { $0.syncError = nil }
        #expect(field.run(["sync"]).code == .done)
        #expect(field.office.state.withLock { $0.taken.map(\.number) } == [1, 2])
    }
}
