import SyncCore

/// Lays changes of this device over a version of a record. Pure.
struct RecordOverlay {
    let device: UInt32

    /// Lays one change over a state; nil is a record that nobody knows yet.
    ///
    /// A change of a record that is not there, and that does not create it, leaves nil.
    ///
    /// - Parameter covered: what of the change lies no longer over the row.
    func apply(_ change: Change, except covered: FieldMask = FieldMask(), to state: inout RecordState?) {
        if state == nil, let creation = change.creation {
            state = RecordState(
                table: change.table, id: change.record, area: creation.area, created: stamp(creation.time), fields: [])
        }
        guard var result = state else { return }
        state = nil
        for field in change.fields where !covered.contains(field.field) {
            let stamp = stamp(field.time)
            if field.value == .null, stamp == result.created {
                // Kept as nothing, like what is empty since the creation; the server may have raised that to this time.
                result.fields.removeAll { $0.number == field.field }
                continue
            }
            result.set(FieldState(number: field.field, value: field.value, stamp: stamp))
        }
        if covered.contains(Field.existence) {
            // A later delete or restore counts.
        } else if let existence = change.existence {
            result.existence = ExistenceState(
                isAlive: existence.isAlive, stamp: stamp(existence.time), base: nil, seen: [])
            result.isLiving = existence.isAlive || !sawEverything(existence, of: result)
        } else if change.fields.contains(where: { !covered.contains($0.field) }) {
            // Whatever delete stands there had not seen this edit.
            result.isLiving = true
        }
        state = result
    }

    /// Makes a change that the server accepted as it was sent part of the server's version.
    func promote(_ change: Change, to state: inout RecordState?) {
        apply(change, to: &state)
        // An exact delete saw everything that the server had.
        if let existence = change.existence { state?.isLiving = existence.isAlive }
    }

    /// Whether a base names the version with this stamp, had the server left the device's own stamps as they are.
    func matches(_ base: Base, _ stamp: Stamp) -> Bool {
        switch base {
        case .none: false
        case .stamp(let seen): seen == stamp
        case .own(_, let time): self.stamp(time) == stamp
        }
    }

    private func sawEverything(_ existence: ExistenceChange, of state: RecordState) -> Bool {
        state.fields.allSatisfy { field in
            field.stamp == state.created
                || existence.seen.contains { $0.field == field.number && matches($0.base, field.stamp) }
        }
    }

    private func stamp(_ time: UInt64) -> Stamp { Stamp(time: time, device: device) }
}
