import SyncCore

/// What the last pushes added to the feed of one area.
///
/// Where nothing came in but changes of one device that stand as it sent them, its answer can be told from here: the feed
/// need not be read again.
package struct FeedTally: Hashable, Sendable {
    /// What one push added.
    private struct Step: Hashable {
        /// The sequence before its first entry.
        let before: UInt64
        /// The groups that stand as sent, by ascending number.
        var groups: [UInt64] = []
    }

    /// How many pushes are remembered: a device that sends ahead says where it stood two pages ago.
    private static let largestStepCount = 3

    /// The end of the feed, these entries included.
    var head: AreaHead
    /// The pushes, each of which begins where the one before ends; the last one is in hand.
    private var steps: [Step]
    /// Whose groups they are; nil as long as nothing was added.
    private var device: UInt32?
    /// Whether something else was added too.
    private var isMixed = false

    /// - Parameters:
    ///   - head: the end of the feed before anything is added.
    ///   - earlier: what was added to this feed before, as far as it is known.
    init(_ head: AreaHead, after earlier: FeedTally?) {
        self.head = head
        steps = []
        // Whatever was added, or taken back, behind it has moved the end of the feed.
        if let earlier, earlier.head == head, !earlier.isMixed {
            steps = earlier.steps.suffix(Self.largestStepCount - 1)
            device = earlier.device
        }
        steps.append(Step(before: head.sequence))
    }

    /// Notes the entry that follows in the feed.
    mutating func add(_ entry: FeedEntry) {
        head.sequence = entry.sequence
        if device != entry.device {
            // What another device added before is of no use to this one.
            if steps[steps.count - 1].groups.isEmpty, !isMixed {
                steps.removeFirst(steps.count - 1)
            } else {
                isMixed = true
            }
            device = entry.device
        }
        guard entry.isExact, case .record = entry.item else {
            isMixed = true
            return
        }
        if steps[steps.count - 1].groups.last != entry.number { steps[steps.count - 1].groups.append(entry.number) }
    }

    /// The groups that a page for a device behind a place names, if all between there and the end of the feed is known
    /// here; nil where the feed must be read.
    ///
    /// - Parameters:
    ///   - lowestOwnGroup: from this number on the device has its groups.
    ///   - head: the present end of the feed.
    func groups(of device: UInt32, after sequence: UInt64, lowestOwnGroup: UInt64, head: AreaHead) -> [UInt64]? {
        guard !isMixed, self.device == device, self.head == head,
            let first = steps.firstIndex(where: { $0.before == sequence })
        else { return nil }
        let groups = steps[first...].flatMap(\.groups)
        return groups.allSatisfy { $0 >= lowestOwnGroup } ? groups : nil
    }
}
