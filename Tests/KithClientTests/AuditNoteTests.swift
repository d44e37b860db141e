import SyncCore
import Testing

@testable import KithClient

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
        #expect(try opened.take(auditHead: held, in: epoch))
        #expect(try opened.take(auditHead: held, in: epoch))
        for other in [AuditHead(number: 7, hash: 3), AuditHead(number: 8, hash: 4)] {
            #expect(try !opened.take(auditHead: other, in: epoch))
            #expect(try opened.auditHead(in: epoch) == held)
        }
        #expect(try opened.take(auditHead: next, in: epoch))
        #expect(try opened.auditHead(in: epoch) == next)
    }
}
