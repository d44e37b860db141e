import Cryptography
import Database
import SyncCore
import Testing

@testable import KithClient
@testable import SyncReplica

@Suite("What a laptop holds of the office's audit log")
struct AuditNoteTests {
    @Test(
        "G14: a later line takes the place of the held one; a shorter log, and the same number with other words, do not"
    )
    func later() throws {
        let laptop = try FieldLaptop()
        let opened = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { 0 })
        let epoch = [UInt8](repeating: 7, count: 16)
        let (held, next) = (AuditHead(number: 8, hash: 1), AuditHead(number: 9, hash: 2))
        #expect(try opened.take(auditHead: held, signature: nil, in: epoch))
        #expect(try opened.take(auditHead: held, signature: nil, in: epoch))
        for other in [AuditHead(number: 7, hash: 3), AuditHead(number: 8, hash: 4)] {
            #expect(try !opened.take(auditHead: other, signature: nil, in: epoch))
            #expect(try opened.auditHead(in: epoch) == held)
        }
        #expect(try opened.take(auditHead: next, signature: nil, in: epoch))
        #expect(try opened.auditHead(in: epoch) == next)
    }

    @Test(
        "G14: what the office signed stays until it signs something later; what somebody else signed counts for nothing"
    )
    func signed() throws {
        let laptop = try FieldLaptop()
        let opened = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { 0 })
        let office = try OfficeKey(seed: [UInt8](repeating: 9, count: OfficeKey.seedLength))
        try opened.database.transaction { try opened.replica.ledger.keep(officeKey: office.publicKey) }
        let epoch = [UInt8](repeating: 7, count: 16)
        func signature(_ head: AuditHead, _ key: OfficeKey) -> [UInt8] {
            key.sign(AuditSignature.signedBytes(of: head, in: epoch))
        }
        let stranger = try OfficeKey(seed: [UInt8](repeating: 8, count: OfficeKey.seedLength))
        let heads = (1...4).map { AuditHead(number: $0, hash: UInt128($0)) }
        #expect(try opened.take(auditHead: heads[0], signature: signature(heads[0], stranger), in: epoch))
        #expect(try opened.auditSignature(in: epoch) == nil)
        #expect(try opened.take(auditHead: heads[0], signature: signature(heads[0], office), in: epoch))
        #expect(try opened.auditSignature(in: epoch) == signature(heads[0], office))
        for wrong in [nil, signature(heads[1], stranger), signature(heads[2], office)] {
            #expect(try opened.take(auditHead: heads[1], signature: wrong, in: epoch))
            #expect(try opened.auditHead(in: epoch) == heads[0])
        }
        #expect(try opened.take(auditHead: heads[3], signature: signature(heads[3], office), in: epoch))
        #expect(try opened.auditHead(in: epoch) == heads[3])
        #expect(try opened.auditSignature(in: [UInt8](repeating: 6, count: 16)) == nil)
    }
}
