import SyncCore

extension Push {
    /// Tells of conflicts once more that the device has decided under another time than the one that its decision comes with
    /// now.
    ///
    /// It was put back to an older copy, and its person has decided the same once more: under the same number, and in the
    /// same words, which pass for what is here. The time that counts is the one that everybody has.
    func tellDecidedAgain(_ groups: [ChangeGroup]) throws {
        for group in groups where group.number <= last && group.changes.contains(where: { !$0.decisions.isEmpty }) {
            let finals = try FinalStamps(of: group, device: device.number, givenIn: store)
            for change in group.changes {
                for (decision, stamp) in try finals.apply(to: change).decisions {
                    guard let stored = try store.conflict(decision.conflict), let verdict = stored.conflict.verdict,
                        verdict.stamp.device == device.number, verdict.action == decision.action,
                        verdict.stamp != stamp
                    else { continue }
                    try merging.tell(stored)
                }
            }
        }
    }
}
