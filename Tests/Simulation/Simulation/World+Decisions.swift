import SyncCore
import SyncReplica

/// What people on devices decide about conflicts, and take back.
extension World {
    func decide(on device: SimulatedDevice) throws {
        guard device.role == .lead || device.role == .admin else { return try edit(on: device, fieldCount: 1) }
        let writable = try writableAreas(of: device)
        let known = try device.replica.conflicts(openOnly: false).filter {
            writable.contains($0.area) && $0.status != .withdrawn && device.schema.table($0.table) != nil
        }
        guard let conflict = dice.pick(known), let index = places[conflict.record] else { return }
        let item = items[index]
        guard conflict.status == .open else {
            return try save(on: device, [item]) { replica in
                replica.command = "reopen"
                try replica.write { try $0.reopen(conflict.id) }
            }
        }
        let choice: ConflictChoice = dice.pick([.a, .b, .before]) ?? .a
        let before = try device.replica.record(table: item.table, id: item.id)
        try save(on: device, [item], seen: sightings(conflict, item, before)) { replica in
            replica.command = "resolve"
            try replica.write { try $0.decide(conflict.id, keep: choice, why: nil) }
        }
        try tellChosen(conflict, item, before, on: device)
    }

    /// A choice of what stands there already is a write too, though nothing shows it.
    private func tellChosen(
        _ conflict: Conflict, _ item: Item, _ before: RecordState?, on device: SimulatedDevice
    ) throws {
        guard conflict.field != Field.existence, let before, let place = place(item.id, conflict.field),
            let after = try device.replica.record(table: item.table, id: item.id),
            after.field(conflict.field).stamp != before.field(conflict.field).stamp,
            after.field(conflict.field).value == before.field(conflict.field).value
        else { return }
        let word = Ledger.word(after.field(conflict.field).value)
        let seen = sightings(conflict, item, before)[place] ?? model.sighting(place, word)
        model.write(word, at: place, by: Int(device.family), seen: seen)
    }

    /// Who decides has both sides before their eyes; what those had seen is another matter.
    private func sightings(
        _ conflict: Conflict, _ item: Item, _ state: RecordState?
    ) -> [NaiveModel.Place: NaiveModel.Sighting] {
        guard let place = place(item.id, conflict.field), conflict.field != Field.existence, let state else {
            return [:]
        }
        var sighting = model.sighting(place, Ledger.word(state.field(conflict.field).value))
        for side in [conflict.a.value, conflict.b.value].compactMap(\.self) {
            sighting.possibly.formUnion(model.sighting(place, Ledger.word(side)).possibly)
        }
        return [place: sighting]
    }

    func undo(on device: SimulatedDevice) throws {
        let direction: OperationReversal.Direction = dice.below(3) == 0 ? .redo : .undo
        // Of an undo that was cut off nobody hears what it came to. A new change may have an earlier time than what it
        // replaces, where the clock was put right in between.
        var unsentCount: Int?
        try save(on: device, items, tookAway: { unsentCount != 0 }) { replica in
            replica.command = nil
            do {
                let report = try replica.reverse(direction)
                unsentCount = report.map { $0.unsentCount + $0.wordlessCount } ?? 0
            } catch ReplicaError.unknownField where device.schema.version < Ledger.new.version {
                // An old program may decide about a field that it does not know, and says that it can't take that back.
                return
            }
        }
    }
}
