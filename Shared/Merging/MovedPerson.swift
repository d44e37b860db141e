import SyncCore

/// The record of a person in another area, after a move.
package enum MovedPerson {
    /// The id of the record that a person has in an area that they were moved to.
    ///
    /// It follows from the person and the area, so that two laptops which move somebody to the same team at the same
    /// time make one record, and a person who comes back to a team finds the record that they had there.
    /// - Parameter first: the record under which the person was first kept.
    package static func id(of first: RecordID, area: Int, hash: Hash128) -> RecordID {
        let number = hash(Array("moved\u{1F}\(area)\u{1F}".utf8) + first.bytes)
        return RecordID(
            milliseconds: 0, random: (UInt64(truncatingIfNeeded: number >> 64), UInt64(truncatingIfNeeded: number)))
    }
}
