import Testing

@testable import KithServer

@Suite("Shares of the server's time")
struct FairSharesTests {
    private let shares: FairShares

    init() {
        var limits = FairShares.Limits()
        (limits.burst, limits.share, limits.presence, limits.longestDelay) = (100, 0.1, 1_000, 5_000)
        shares = FairShares(limits: limits)
    }

    @Test("Who is alone is never slowed, however much it asks for")
    func alone() {
        for second in 0..<100 { #expect(shares.note(900, of: 1, at: Double(second) * 1_000) == 0) }
    }

    @Test("Beside others a burst is free, and what goes beyond it waits until it is a share of the time")
    func beside() {
        #expect(shares.note(1, of: 2, at: 0) == 0)
        #expect(shares.note(100, of: 1, at: 0) == 0)
        #expect(shares.note(10, of: 1, at: 0) == 100)
        // Half a second later as much is paid off as the share says.
        #expect(shares.note(40, of: 1, at: 500) == 0)
        #expect(shares.note(10, of: 1, at: 500) == 100)
        #expect(shares.note(1, of: 2, at: 500) == 0, "the other one owes nothing")
        #expect(shares.note(10_000, of: 1, at: 500) == 5_000, "nobody waits for ever")
    }

    @Test("Once the others are gone, what was owed is forgotten")
    func gone() {
        _ = shares.note(1, of: 2, at: 0)
        #expect(shares.note(400, of: 1, at: 0) == 3_000)
        #expect(shares.note(1, of: 1, at: 1_500) == 0)
    }
}
