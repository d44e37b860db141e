import Dispatch
import SyncCore
import SyncHub
import Synchronization

/// Pushes that came before the one that they follow, at most one of each device.
///
/// A laptop with much to send has two pages on their way, each on a connection of its own. They may come in either order: the
/// one that was sent later may be shorter, and is read sooner. Answered at once, it would be sent again as a whole.
struct EarlyPushes<Element> {
    /// Tells a push that waits from all others.
    struct Place: Hashable, Sendable {
        fileprivate let device: UInt32
        fileprivate let number: Int
    }

    private struct Waiting {
        let element: Element
        let place: Place
        /// The group that it follows.
        let previous: UInt64
    }

    private var waiting: [UInt32: Waiting] = [:]
    private var count = 0

    /// Keeps a push.
    ///
    /// - Parameter previous: the group before its first one.
    /// - Returns: nil where one of its device waits already, and this one is not kept.
    mutating func keep(_ element: Element, of device: UInt32, behind previous: UInt64) -> Place? {
        guard waiting[device] == nil else { return nil }
        count += 1
        let place = Place(device: device, number: count)
        waiting[device] = Waiting(element: element, place: place, previous: previous)
        return place
    }

    /// Takes out the push of a device whose turn it is; nil where there is none.
    ///
    /// - Parameter receipt: the last group of the device that was taken.
    mutating func take(of device: UInt32, after receipt: UInt64) -> Element? {
        guard let found = waiting[device], found.previous <= receipt else { return nil }
        return waiting.removeValue(forKey: device)?.element
    }

    /// Takes out a push whose turn has not come; nil where it is not here any more.
    mutating func take(_ place: Place) -> Element? {
        guard waiting[place.device]?.place == place else { return nil }
        return waiting.removeValue(forKey: place.device)?.element
    }

    /// Takes out all of them.
    mutating func takeAll() -> [Element] {
        defer { waiting = [:] }
        return waiting.values.map(\.element)
    }
}

/// These run on the writer's thread.
extension PushQueue {
    /// How long a push waits for the one that it follows, which is on its way; then it is answered as it stands.
    private static let patienceMilliseconds = 500

    /// Answers a push, unless it came before the one that it follows: then it waits for that for a while.
    func settle(_ push: Push, _ outcome: Result<Acceptance, any Error>) {
        guard case .success(let acceptance) = outcome else { return push.completion(outcome) }
        let previous = push.request.groups.first.map { $0.number &- 1 } ?? 0
        if acceptance.notice == .gap, previous > acceptance.receipt, !push.hasWaited,
            let place = early.keep(push, of: push.device, behind: previous)
        {
            queue.asyncAfter(deadline: .now() + .milliseconds(Self.patienceMilliseconds)) {
                if let push = self.early.take(place) { self.takeAgain(push) }
            }
            return
        }
        push.completion(outcome)
        if let next = early.take(of: push.device, after: acceptance.receipt) { takeAgain(next) }
    }

    /// Takes a push once more: nothing of it was taken.
    func takeAgain(_ push: Push) {
        var push = push
        push.hasWaited = true
        waiting.withLock { $0.insert(push, at: 0) }
        queue.async { self.drain() }
    }
}
