import SyncCore

/// An order of erasure as the server keeps it.
package struct Erasure: Hashable, Sendable {
    package var order: ErasureOrder
    /// When it was carried out here, in milliseconds since 1970.
    package var milliseconds: Int64
    /// The greatest number of a device then: it and those before it may hold what the order names.
    package var highestDevice: UInt32

    package init(order: ErasureOrder, milliseconds: Int64, highestDevice: UInt32) {
        self.order = order
        self.milliseconds = milliseconds
        self.highestDevice = highestDevice
    }
}

/// What one order says of one record.
package struct ErasureMark: Hashable, Sendable {
    package var fields: FieldMask
    /// The packed time of the order.
    package var time: UInt64

    package init(fields: FieldMask, time: UInt64) {
        self.fields = fields
        self.time = time
    }

    package var stamp: Stamp { Stamp(time: time, device: DeviceRecord.office) }
}

/// A device's last word on an order.
package struct ErasureConfirmation: Hashable, Sendable {
    package var device: UInt32
    package var state: ErasureState
    /// When it arrived, in milliseconds since 1970.
    package var milliseconds: Int64

    package init(device: UInt32, state: ErasureState, milliseconds: Int64) {
        self.device = device
        self.state = state
        self.milliseconds = milliseconds
    }
}

/// A group by its device and its number there.
package struct GroupName: Hashable, Sendable {
    package var device: UInt32
    package var number: UInt64

    package init(device: UInt32, number: UInt64) {
        self.device = device
        self.number = number
    }
}
