import SyncCore

/// What a device said last of an area whose records differed from the server's.
package struct AreaCheck: Hashable, Sendable {
    package var device: UInt32
    package var area: Int
    package var outcome: AreaRepair.Outcome
    /// When it said so, by the server's clock.
    package var milliseconds: Int64
    /// How often it has fetched the area again because of that.
    package var repairCount: Int

    package init(device: UInt32, area: Int, outcome: AreaRepair.Outcome, milliseconds: Int64, repairCount: Int) {
        self.device = device
        self.area = area
        self.outcome = outcome
        self.milliseconds = milliseconds
        self.repairCount = repairCount
    }
}

extension Hub {
    /// All that devices said of areas whose records differed, by device and area.
    package func areaChecks() throws -> [AreaCheck] { try store.readTransaction { try store.areaChecks() } }

    /// Keeps what a device says of areas that it may read; inside the caller's transaction.
    func take(_ repairs: [AreaRepair], from device: DeviceRecord) throws {
        if repairs.isEmpty { return }
        let access = access(of: device, areas: try store.areas())
        let before = try store.areaChecks().filter { $0.device == device.number }
        for repair in repairs where access[repair.area]?.canRead == true {
            // A repair that `kith doctor` began is told once it has ended: no word of its beginning stands before.
            let isToldOf = before.contains { $0.area == repair.area && $0.outcome == .begun }
            try store.setAreaCheck(
                AreaCheck(
                    device: device.number, area: repair.area, outcome: repair.outcome, milliseconds: clock(),
                    repairCount: repair.outcome == .begun || !isToldOf ? 1 : 0))
        }
    }

    /// Works the digests of all areas out anew from the records, and keeps them; opens a transaction of its own.
    ///
    /// Where a record was damaged and not the digest, devices take the damaged record over: compare with a backup first.
    /// - Returns: the names of the areas whose digest was another.
    package func recountDigests() throws -> [String] {
        try store.transaction {
            let sums = try digestSums()
            return try store.areas().filter { area in
                var head = try store.head(area: area.number)
                let sum = sums[area.number, default: 0]
                guard head.digest != sum else { return false }
                head.digest = sum
                try store.setHead(head)
                return true
            }.map(\.name)
        }
    }
}
