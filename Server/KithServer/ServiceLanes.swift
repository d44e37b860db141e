import Synchronization

/// The lanes of the service, and who is served on which.
///
/// A device is served on the lane that it is called to at home, or on one that has less to do: so whoever asks for much
/// holds up one lane and not those who could be served on another. As long as one of its requests has not been taken, its next
/// ones go to the same lane, so that they are taken in the order in which they came.
final class ServiceLanes: Sendable {
    /// Where a device's requests wait that have not been taken.
    private struct Seat {
        let lane: Int
        var count: Int
    }

    private let lanes: [ServiceLane]
    private let seats = Mutex<[String: Seat]>([:])

    init(_ lanes: [ServiceLane]) { self.lanes = lanes }

    /// Does the first step of an exchange on a lane that it chooses.
    ///
    /// - Parameter sender: the credential that the request shows; strangers, who show none, count as one.
    func run(for sender: String, _ step: @escaping @Sendable (ServiceLane) -> Void) {
        seats.withLock { seats in
            let home = Int(sender.hashValue.magnitude % UInt(lanes.count))
            let number = seats[sender]?.lane ?? Self.freest(of: lanes.map(\.waitingCount), home: home)
            seats[sender, default: Seat(lane: number, count: 0)].count += 1
            // Within the lock, or a later request of the same device might come before it.
            lanes[number].run { lane in
                step(lane)
                self.leave(sender)
            }
        }
    }

    private func leave(_ sender: String) {
        seats.withLock { seats in
            seats[sender]?.count -= 1
            if seats[sender]?.count == 0 { seats[sender] = nil }
        }
    }

    /// The lane where the fewest steps wait.
    ///
    /// - Parameters:
    ///   - waiting: how many steps wait on each lane, with the one that it does.
    ///   - home: the one that is taken where no other has fewer: it has read this device's rows before.
    static func freest(of waiting: [Int], home: Int) -> Int {
        var best = home
        for (number, count) in waiting.enumerated() where count < waiting[best] { best = number }
        return best
    }
}
