import SyncCore

/// Whose names a device is told: those of staff, who work for the office and stand under what they write.
///
/// A member is somebody with lived experience, whose name alone says so. It is told where it is needed: to their own
/// devices, to admins, and to whoever has an area that was theirs at some time, where things stand under their name.
extension Hub {
    /// The devices that a device is told of, by number.
    func devices(toldTo device: DeviceRecord) throws -> [DeviceRecord] {
        let all = try store.devices()
        guard device.number != DeviceRecord.office, device.role != .admin else { return all }
        let members = Set(all.filter { $0.role == .member && $0.person != device.person }.map(\.person))
        guard !members.isEmpty else { return all }
        let shared = try areasEver(of: all).filter { !$0.value.isDisjoint(with: device.areas) }
        return all.filter { !members.contains($0.person) || shared[$0.person] != nil }
    }

    /// The areas that members have, or will have once they join: what a device should not fill unasked.
    func areasOfMembers() throws -> Set<Int> {
        let joined = try store.devices().filter { $0.role == .member && !$0.isRevoked }.map(\.areas)
        let invited = try store.unusedInvitations(role: .member).map(\.areas)
        return (joined + invited).reduce(into: []) { $0.formUnion($1) }
    }

    /// The areas that people have, or had according to the ledger.
    private func areasEver(of devices: [DeviceRecord]) throws -> [String: Set<Int>] {
        let people = Dictionary(devices.map { ($0.number, $0.person) }, uniquingKeysWith: { $1 })
        var areas = Dictionary(devices.map { ($0.person, $0.areas) }, uniquingKeysWith: { $1 })
        for entry in try store.ledgerEntries(ofKind: LedgerEntry.Kind.grant.rawValue) {
            let grant = try LedgerContent.Grant(decoding: entry.payload)
            if let person = people[grant.person] { areas[person, default: []].insert(grant.area) }
        }
        return areas
    }
}
