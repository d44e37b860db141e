import Compression
import Cryptography
import Database
import SyncCore
import SyncHub

/// A sealed file of a device, opened and checked: whose it is, and what it brings.
struct SealedBundle: Sendable {
    /// Why a file is not taken; whatever it is, nothing was changed.
    enum Problem: Error, Equatable {
        /// It is not sealed to this office, was changed or cut, or bears no signature of the device that it names.
        case unreadable
        /// Another copy of that device's database has used the same numbers.
        case forked
        /// Too many files of this device wait already.
        case tooManyWait
    }

    /// What became of a file.
    struct Outcome: Sendable {
        let device: UInt32
        /// Groups of it that came into force or were held; nil where it waits.
        let acceptance: Acceptance?
        /// The numbers that are missing; nil where it does not wait for any.
        let missing: ClosedRange<UInt64>?
        /// How many files that had waited could be taken after it.
        let followers: Int

        var reply: CarryReply { acceptance == nil ? .waiting : .taken }
    }

    let device: UInt32
    private let made: Int64
    /// What an answer names it by.
    private let mark: [UInt8]
    private let request: SyncRequest
    private let file: [UInt8]
    private let key: SealingKey

    /// Opens a file.
    ///
    /// - Throws: `Problem.unreadable` for whatever is not exactly a file that a known device sealed for this office.
    init(opening file: [UInt8], for connection: HubConnection) throws {
        let key = try connection.officeKey.sealingKey()
        guard let bundle = Self.message(of: file, key: key) else { throw Problem.unreadable }
        guard let deviceKey = try connection.hub.deviceKey(of: bundle.device),
            OfficeKey.verify(bundle.signature, over: bundle.signedBytes, publicKey: deviceKey)
        else { throw Problem.unreadable }
        self = try SealedBundle(bundle, file: file, key: key)
    }

    private init(_ bundle: DeviceBundle, file: [UInt8], key: SealingKey) throws {
        do throws(CBORError) {
            request = try SyncRequest(
                decoding: bundle.request, largestGroupCount: BundleLimits.largestGroupCount)
            try Hub.checkParts(of: request)
        } catch {
            throw Problem.unreadable
        }
        device = bundle.device
        made = bundle.made
        mark = BLAKE2b.hash256(bundle.signedBytes)
        self.file = file
        self.key = key
    }

    private static func message(of file: [UInt8], key: SealingKey) -> DeviceBundle? {
        guard let compressed = SealedMessage.open(file, with: key) else { return nil }
        // Whatever can't be read is no message.
        guard
            let message = try? Decompressor().decompress(
                compressed,
                limitBytes: Decompressor.likelyLimit(
                    compressedBytes: compressed.count, limitBytes: BundleLimits.largestMessageBytes))
        else { return nil }
        return try? DeviceBundle(decoding: message)
    }

    /// Gives the work to the hub, in one transaction; files of the same device that waited for it come after it.
    func hand(to hub: Hub) throws -> Outcome {
        do {
            return try take(in: hub)
        } catch Problem.forked {
            try hub.forgetBundleStanding(of: device)
            throw Problem.forked
        }
    }

    private func take(in hub: Hub) throws -> Outcome {
        try hub.takingBundles {
            switch try hub.accept(bundle: request, made: made, from: device, file: mark) {
            case .taken(let acceptance):
                let count = try handFollowers(to: hub)
                return Outcome(device: device, acceptance: acceptance, missing: nil, followers: count)
            case .waits(let missing):
                try keep(in: hub)
                return Outcome(device: device, acceptance: nil, missing: missing, followers: 0)
            case .otherHistory:
                try keep(in: hub)
                return Outcome(device: device, acceptance: nil, missing: nil, followers: 0)
            case .forked: throw Problem.forked
            }
        }
    }

    private func keep(in hub: Hub) throws {
        let waiting = WaitingBundle(
            device: device, first: request.groups.first?.number ?? 0, last: request.groups.last?.number ?? 0,
            arrived: WallClock.milliseconds())
        guard try hub.keep(waiting: waiting, body: file) else { throw Problem.tooManyWait }
    }

    private func handFollowers(to hub: Hub) throws -> Int {
        var tried = TriedBundles()
        return try Self.handWaiting(of: device, to: hub, key: key, tried: &tried)
    }

    /// Takes the files of a device that waited and need not wait any more: what was missing came over the line or in another
    /// file, all that they bring has come, or the device was shut out. Inside a transaction.
    ///
    /// - Parameters:
    ///   - key: what opens files that are sealed to the office.
    ///   - tried: what is known of files that were opened before.
    /// - Returns: how many were taken.
    static func handWaiting(
        of device: UInt32, to hub: Hub, key: SealingKey, tried: inout TriedBundles
    ) throws -> Int {
        var count = 0
        // Each that is taken may be what the next one waited for.
        while let waiting = try hub.ripeBundles(of: device).first(where: { waiting in
            let chance = try hub.chance(of: waiting)
            guard tried.isWorthOpening(waiting, chance) else { return false }
            if try isTaken(waiting, by: hub, key: key) { return true }
            tried.note(waiting, chance)
            return false
        }) {
            try hub.forget(waiting: waiting)
            count += 1
        }
        tried.keep(try hub.waitingBundles(of: device), of: device)
        return count
    }

    private static func isTaken(_ waiting: WaitingBundle, by hub: Hub, key: SealingKey) throws -> Bool {
        // The signature was checked when it came. One that can't be read any more stays where it is, and is listed.
        guard let file = try hub.body(ofWaiting: waiting), let message = message(of: file, key: key),
            let bundle = try? SealedBundle(message, file: file, key: key)
        else { return false }
        do {
            var outcome = try hub.accept(
                bundle: bundle.request, made: bundle.made, from: waiting.device, file: bundle.mark)
            if case .otherHistory = outcome,
                let known = try hub.acceptance(overtaking: bundle.request, from: waiting.device)
            {
                outcome = known
            }
            switch outcome {
            case .taken: return true
            case .forked: try hub.noteFork(ofWaiting: waiting)
            case .waits, .otherHistory: break
            }
        } catch let error as DatabaseError {
            throw error
        } catch {
            // It goes on waiting, and is listed: who brought something else is not to blame for it.
        }
        return false
    }
}
