import SyncHub

/// What a seed stands for: how many devices and operations, how bad the network is, who uses which version.
struct Settings {
    static let deviceCounts = 2...8
    static let operationCounts = 50...500
    /// The most laptops that are made from copies of others.
    static let largestCopyCount = 2
    /// How wrong a server's clock may be, in milliseconds: up to a day.
    static let serverClockErrors: [Int64] = [
        -86_400_000, -3_600_000, -600_000, -90_000, 90_000, 600_000, 3_600_000, 86_400_000,
    ]

    let seed: UInt64
    let deviceCount: Int
    let operationCount: Int
    /// In a thousand messages.
    let lossPerMille: Int
    let duplicationPerMille: Int
    let delayPerMille: Int
    /// How often a person saves something while a message is under way, in a thousand messages.
    let meanwhilePerMille: Int
    /// How often an operation is a fault, in a thousand.
    let faultPerMille: Int
    /// How many records of each area people work on; few, so that they meet.
    let recordCount: Int
    let isCompressed: Bool
    /// Whether the ledger bears real signatures.
    let isSigned: Bool
    /// Whether some programs do not know the newest tables and fields at first.
    let isMixed: Bool
    /// How often an operation is one of those that come up in some runs alone, in a thousand.
    let specialPerMille: Int
    /// Whether laptops' databases are copied and put back.
    let hasCopies: Bool
    /// Whether work also goes to the office as files.
    let hasBundles: Bool
    /// How often a request waits at the server until another laptop's has come, in a thousand messages.
    let waitingPerMille: Int
    /// How far a laptop must be behind, in entries, to be sent each record once.
    let stretchCount: UInt64
    /// Whether laptops leave out of a request what the server holds too.
    let isShort: Bool
    /// How wrong the server's clock is from the beginning, in milliseconds; nil where it is never wrong.
    let serverClockError: Int64?
    /// Whether laptops send a page before the reply to the one before it has come.
    let sendsAhead: Bool
    /// Whether laptops forget after a sync what they have had for 90 days, as the shipped program does.
    let forgets: Bool
    /// Whether the office orders laptops to remove everything.
    let hasWipes: Bool

    init(seed: UInt64) {
        self.seed = seed
        let dice = Dice(Dice.mix(seed &+ 0x5EED))
        deviceCount = 2 + dice.index(weights: [30, 30, 20, 8, 6, 3, 3])
        // Many short runs find more than few long ones, and are read more easily when they fail.
        operationCount = 50 + (dice.happens(perMille: 60) ? dice.below(451) : dice.below(61))
        lossPerMille = dice.happens(perMille: 300) ? 0 : dice.below(301)
        duplicationPerMille = dice.happens(perMille: 300) ? 0 : dice.below(201)
        delayPerMille = dice.happens(perMille: 300) ? 0 : dice.below(201)
        meanwhilePerMille = dice.happens(perMille: 500) ? 0 : dice.below(201)
        faultPerMille = dice.happens(perMille: 200) ? 0 : dice.below(301)
        recordCount = dice.roll(2...4)
        isCompressed = dice.happens(perMille: 100)
        isSigned = dice.happens(perMille: 100)
        isMixed = dice.happens(perMille: 350)
        // Dice of their own, so that a run without these is the run that it was before there were any.
        let special = Dice(Dice.mix(seed ^ 0x5BEC_1A15))
        specialPerMille = special.roll(30...120)
        hasCopies = special.happens(perMille: 250)
        hasBundles = Dice(Dice.mix(seed ^ 0xB0_4D1E)).happens(perMille: 250)
        let crowd = Dice(Dice.mix(seed ^ 0xC0_77D5))
        waitingPerMille = crowd.happens(perMille: 250) ? crowd.roll(20...200) : 0
        let stretch = Dice(Dice.mix(seed ^ 0x57_2E7C))
        isShort = stretch.happens(perMille: 500)
        stretchCount = stretch.happens(perMille: 600) ? UInt64(stretch.below(6)) : Hub.defaultStretchCount
        let wall = Dice(Dice.mix(seed ^ 0xC10C))
        serverClockError = wall.happens(perMille: 100) ? wall.pick(Self.serverClockErrors) : nil
        let client = Dice(Dice.mix(seed ^ 0xC11E_47))
        sendsAhead = client.happens(perMille: 300)
        forgets = client.happens(perMille: 300)
        hasWipes = client.happens(perMille: 150)
    }
}
