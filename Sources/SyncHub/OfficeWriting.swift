import SyncCore

/// Makes changes as the office, with one time for all of them; in the transaction in which they are accepted.
package struct OfficeWriter {
    let time: UInt64

    /// Takes the office's next time.
    package init(_ hub: Hub) throws {
        var clock = HybridClock(highest: try hub.knownDevice(DeviceRecord.office).highestTime)
        time = clock.next(nowMilliseconds: hub.clock())
    }

    /// Makes a record; fields that are not named are null.
    package func create(table: Int, id: RecordID, area: Int, values: [(field: Int, value: Value)]) -> Change {
        let fields = values.filter { $0.value != .null }.map {
            FieldChange(field: $0.field, value: $0.value, time: time, base: .none)
        }
        return Change(
            table: table, record: id, creation: Creation(area: area, time: time),
            fields: fields.sorted { $0.field < $1.field })
    }

    /// Changes fields of a record as it is now; with `restores` a deleted one is brought back too.
    package func edit(_ state: RecordState, values: [(field: Int, value: Value)], restores: Bool) -> Change {
        let fields = values.map {
            FieldChange(
                field: $0.field, value: $0.value, time: time, base: .stamp(state.field($0.field).stamp))
        }
        var change = Change(table: state.table, record: state.id, fields: fields.sorted { $0.field < $1.field })
        if restores {
            change.existence = ExistenceChange(
                isAlive: true, time: time, base: state.existence.map { .stamp($0.stamp) } ?? .none, seen: [])
        }
        return change
    }
}
