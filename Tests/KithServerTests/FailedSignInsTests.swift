import Testing

@testable import KithServer

@Suite("Failed sign-ins")
struct FailedSignInsTests {
    private let failures = FailedSignIns()

    @Test("Ten failures in 15 minutes are answered at once, then each waits twice as long, up to a minute")
    func delays() {
        let delays = (1...18).map { failures.note(address: "192.0.2.1", secretHash: [UInt8($0)], at: Int64($0)) }
        #expect(delays.prefix(10).allSatisfy { $0 == 0 })
        #expect(Array(delays.dropFirst(10)) == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
        #expect(failures.note(address: "192.0.2.2", secretHash: [99], at: 20) == 0, "another address")
        #expect(failures.note(address: "192.0.2.1", secretHash: [99], at: 900_019) == 0, "15 minutes later")
    }

    @Test("One secret that is tried from many addresses waits too")
    func secrets() {
        let delays = (1...12).map { failures.note(address: "192.0.2.\($0)", secretHash: [7], at: 0) }
        #expect(delays == Array(repeating: 0, count: 10) + [1_000, 2_000])
        #expect(failures.note(address: "", secretHash: [], at: 0) == 0, "nothing is known of it")
    }

    @Test("A crowd of addresses takes no more memory than the bound, and the newest are remembered")
    func crowd() {
        var limits = FailedSignIns.Limits()
        limits.largestCount = 100
        let failures = FailedSignIns(limits: limits)
        for number in 0..<10_000 { _ = failures.note(address: "a\(number)", secretHash: [], at: Int64(number)) }
        let again = (1...11).map { failures.note(address: "a9999", secretHash: [], at: 10_000 + Int64($0)) }
        #expect(again.last == 2_000, "\(again)")
        let old = (1...10).map { failures.note(address: "a1", secretHash: [], at: 10_100 + Int64($0)) }
        #expect(old.last == 0)
    }

    @Test("Laptops of one office that show by their key who they are make nobody of their address wait")
    func forgiven() {
        let signIns = FailedSignIns()
        for laptop in 0..<100 {
            #expect(signIns.note(address: "192.0.2.1", secretHash: [UInt8(laptop)], at: 1_000) == 0)
            signIns.forgive(address: "192.0.2.1", secretHash: [UInt8(laptop)])
        }
        signIns.forgive(address: "192.0.2.9", secretHash: [])
        for _ in 0..<10 { #expect(signIns.note(address: "192.0.2.1", secretHash: [1], at: 1_000) == 0) }
        #expect(signIns.note(address: "192.0.2.1", secretHash: [1], at: 1_000) > 0)
    }
}
