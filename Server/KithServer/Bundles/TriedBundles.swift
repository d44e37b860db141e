import SyncHub

/// Files that wait, were opened, and could not be taken: to open one again costs the server's only writer what it would
/// take to merge it, so that is done only when something has changed for it.
struct TriedBundles: Sendable {
    private var chances: [UInt32: [WaitingBundle: BundleChance]] = [:]
    /// How many were opened in vain.
    private(set) var vainCount = 0

    /// Whether opening a file may end otherwise than the last time.
    func isWorthOpening(_ waiting: WaitingBundle, _ chance: BundleChance) -> Bool {
        chances[waiting.device]?[waiting] != chance
    }

    /// Takes note that a file was opened and could not be taken.
    mutating func note(_ waiting: WaitingBundle, _ chance: BundleChance) {
        chances[waiting.device, default: [:]][waiting] = chance
        vainCount += 1
    }

    /// Forgets what is known of a device's files that wait no more.
    mutating func keep(_ waiting: [WaitingBundle], of device: UInt32) {
        let known = chances[device]?.filter { waiting.contains($0.key) } ?? [:]
        chances[device] = known.isEmpty ? nil : known
    }
}
