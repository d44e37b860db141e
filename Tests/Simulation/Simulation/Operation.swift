/// One step of a run. It stands for itself: whatever steps before it are left out, it does what it can.
struct Operation {
    enum Kind: Int, CaseIterable {
        case create, edit, editMany, delete, restore, group, look, editShown, decide, undo, sync, syncWhole
        case clock, partition, lateMessage, checkpoint, crashDevice, crashServer, stopDevice, stopServer
        case failDevice, failServer, takeArea, giveArea, revoke, upgradeDevice, upgradeServer
        case acceptHeld, discardHeld, withdraw, resend, collect, erase, backUpServer, restoreServer, damage
        case copyDevice, useCopy
        case writeBundle, handInBundle, readAnswer
        case orderWipe
    }

    /// What comes up in some runs alone, in the place of something else.
    private static let copying: [Kind] = [.copyDevice, .useCopy]
    private static let posting: [Kind] = [.writeBundle, .handInBundle, .readAnswer]

    /// How often each kind of work comes up; those after `syncWhole` are faults.
    private static let workWeights = [16, 22, 10, 5, 5, 8, 8, 10, 8, 5, 42, 10]
    private static let faultWeights = [20, 8, 12, 8, 12, 8, 14, 14, 10, 8, 7, 7, 1, 5, 2, 10, 5, 5, 6, 8, 4, 7, 6, 4]

    /// Its place in the run, from 0.
    let index: Int
    let kind: Kind
    /// Where its own dice begin.
    let dice: UInt64

    init(index: Int, settings: Settings) {
        self.index = index
        let start = Dice.mix(settings.seed &* 0x1_0001 &+ UInt64(index) &* 0x9E37_79B9)
        let dice = Dice(start)
        let isFault = dice.happens(perMille: settings.faultPerMille)
        let weights = isFault ? Self.faultWeights : Self.workWeights
        let offset = isFault ? Self.workWeights.count : 0
        let usual = Kind(rawValue: offset + dice.index(weights: weights)) ?? .sync
        self.dice = Dice.mix(start)
        let special = Dice(Dice.mix(start ^ 0x5BEC))
        let isSpecial = special.happens(perMille: settings.specialPerMille)
        let choices =
            (settings.hasCopies ? Self.copying : []) + (settings.hasBundles ? Self.posting : [])
            + (settings.hasWipes ? [.orderWipe] : [])
        kind = (isSpecial ? special.pick(choices) : nil) ?? usual
    }
}

/// What can go wrong in a run, as it is counted.
package enum Fault: String, CaseIterable, Sendable {
    case requestLost = "request lost"
    case replyLost = "reply lost after the commit"
    case messageDuplicated = "message duplicated"
    case messageDelayed = "old message arrived late"
    case partition = "partition"
    case requestsTogether = "requests of two devices in one commit"
    case syncCut = "sync cut between messages"
    case editDuringSync = "edit during a sync"
    case deviceCrash = "device lost its power between two calls"
    case deviceStopped = "device lost its power in a storage call"
    case serverCrash = "server lost its power between two calls"
    case serverStopped = "server lost its power in a storage call"
    case deviceDiskFull = "device's disk full"
    case deviceDiskError = "device's disk failed"
    case serverDiskFull = "server's disk full"
    case serverDiskError = "server's disk failed"
    case clockOff = "clock off by up to ten years"
    case clockStopped = "clock stopped"
    case clockBack = "clock went back"
    case clockFarOff = "clock in 1969 or 2099"
    case serverClockOff = "server's clock off by up to a day"
    case serverClockJumped = "server's clock jumped"
    case areaLost = "area lost"
    case areaGiven = "area given"
    case revoked = "device revoked"
    case oldProgram = "old and new programs"
    case upgrade = "program upgraded"
    case groupHeld = "group held"
    case heldAccepted = "held group accepted"
    case heldDiscarded = "held group discarded"
    case heldWithdrawn = "held group taken back"
    case heldResent = "held group sent again"
    case tombstoneCollected = "deletion collected after 180 days"
    case erased = "record erased"
    case serverRestored = "server restored from an older copy"
    case rowDamaged = "row damaged on a device"
    case deviceCopied = "device copied, and both used"
    case bundleWritten = "sealed file written"
    case bundleHandedIn = "sealed file handed in"
    case bundleWaits = "sealed file that waits at the office"
    case bundleErased = "sealed file with work on an erased record"
    case answerRead = "answer to a sealed file read"
    case devicePutBack = "device put back to an older copy"
    case sentAhead = "page sent ahead of a reply"
    case overtaken = "page sent ahead arrived first"
    case forgotten = "work of more than 90 days forgotten"
    case wipeOrdered = "device ordered to remove everything"
    case wiped = "device removed everything"
}
