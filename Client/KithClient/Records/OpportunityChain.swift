import OutreachModel
import SyncCore
import Terminal

/// The opportunities that one led on from, each the one after the other.
struct OpportunityChain {
    let context: ClientContext

    /// Throws where an opportunity would lead on from itself, at once or through others: a journey could not draw it.
    ///
    /// - Parameter changed: the fields that are being written.
    func check(_ record: StoredRecord, changed: [Int: Value]) throws {
        let field = OpportunityField.cameFrom.rawValue
        guard record.kind == .opportunity, var next = changed[field] else { return }
        var seen: Set<RecordID> = []
        // Two laptops may have made a circle further back, each without seeing the other's half.
        while case .blob(let bytes) = next, let earlier = RecordID(bytes: bytes), seen.insert(earlier).inserted {
            guard earlier != record.id else {
                let how = seen.count == 1 ? "" : " through others"
                throw CommandFailure(
                    exitCode: .usage, message: "An opportunity can't lead on from itself\(how). Nothing was saved.",
                    next: "kith opportunity show \(ShortID.display(record.id))")
            }
            next = try context.reader().record(.opportunity, earlier)?.values[field] ?? .null
        }
    }
}
