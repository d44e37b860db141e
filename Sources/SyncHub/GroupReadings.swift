import SyncCore

/// What can be told of the groups of a request before anything is looked up: worked out where they were read, so that
/// the server's only writer need not.
package struct GroupReadings: Sendable {
    /// One group by itself.
    struct Reading: Sendable {
        let fingerprint: UInt128
        let isWellFormed: Bool
        /// For each change that makes a record and nothing more: what the record adds to the digest of its area, should
        /// the change come into force with the time that it proposes.
        let digests: [UInt128?]
    }

    private var readings: [UInt64: Reading] = [:]

    /// Nothing is known.
    init() {}

    /// - Parameter device: who sent the groups.
    init(_ groups: [ChangeGroup], from device: UInt32, form: GroupForm, hash: Hash128) {
        var fingerprint = GroupFingerprint(hash: hash)
        var scratch: [UInt8] = []
        for group in groups {
            // A number that comes twice is none that anybody may rely on.
            guard readings[group.number] == nil else {
                readings = [:]
                return
            }
            readings[group.number] = Reading(
                fingerprint: fingerprint.of(group), isWellFormed: form.isWellFormed(group),
                digests: group.changes.map {
                    RecordDigest.hash(ofNew: $0, device: device, hash: hash, scratch: &scratch)
                })
        }
    }

    /// What is known of a group; nil where nobody has looked.
    subscript(number: UInt64) -> Reading? { readings[number] }
}

extension Hub {
    /// Looks at the groups of a request, without the store: what comes of it goes to `accept` with the request.
    ///
    /// - Parameter device: who sent them.
    package func read(_ groups: [ChangeGroup], from device: UInt32) -> GroupReadings {
        GroupReadings(groups, from: device, form: form, hash: hash)
    }
}
