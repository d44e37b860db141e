import Testing

@testable import KithServer

@Suite("Shares of the server's time")
struct FairSharesTests {
    private let shares: FairShares

    init() {
        var limits = FairShares.Limits()
        (limits.burst, limits.share, limits.presence, limits.longestDelay) = (100, 0.1, 1_000, 5_000)
        (limits.equality, limits.window) = (1.5, 1_000)
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

    @Test("Nobody is there for whom an answer must wait once the others have asked for nothing for a while")
    func others() {
        _ = shares.note(1, of: 2, at: 0)
        #expect(shares.note(400, of: 1, at: 0) == 3_000)
        #expect(shares.hasOthers(beside: 1, at: 999))
        #expect(!shares.hasOthers(beside: 1, at: 1_000))
        #expect(shares.hasOthers(beside: 9, at: 999), "for whom nothing is known as well")
    }

    @Test("Answers that wait at once are let go one after another, not all together")
    func oneByOne() {
        _ = shares.note(1, of: 2, at: 0)
        #expect(shares.note(100, of: 1, at: 0) == 0)
        let delays = (0..<4).map { _ in shares.note(10, of: 1, at: 0) }
        #expect(delays == [100, 200, 300, 400])
    }

    @Test("Devices that ask for the same are not slowed, however much it is together", arguments: [2, 10, 64])
    func equals(count: UInt32) {
        // Each device has 10 ms of work in each turn, and two cores do the work of all.
        let turn = Double(count) * 10 / 2
        var delays = 0.0
        for round in 0..<1_000 {
            for device in 0..<count {
                delays += shares.note(10, of: device, at: Double(round) * turn + Double(device) * turn / Double(count))
            }
        }
        #expect(delays == 0)
    }

    @Test("One that asks for far more than the others there waits, and they do not")
    func greedy() {
        var (slowed, others) = (0.0, 0.0)
        for round in 0..<400 {
            let now = Double(round) * 25
            for device in 1...6 as ClosedRange<UInt32> { others += shares.note(1, of: device, at: now) }
            slowed += shares.note(20, of: 9, at: now)
        }
        #expect(slowed > 100_000 && others == 0)
    }
}
