import CSimulatedDisk

/// A disk in memory for one database, which can be full, fail, and lose its power.
@safe
final class SimulatedDisk {
    /// What happens once the given number of writes, truncations and syncs has passed.
    enum Trouble {
        /// The disk is full, until it is told otherwise.
        case full
        /// One call fails.
        case error
        /// Nothing works any more: the machine has stopped.
        case stop
    }

    /// The name under which SQLite knows this disk.
    let name: String
    private let handle: OpaquePointer
    /// The trouble that was asked for last.
    private(set) var armed: Trouble?

    init(name: String) {
        guard let handle = unsafe simulated_disk_create(name) else { preconditionFailure("no memory for a disk") }
        unsafe self.handle = handle
        self.name = name
    }

    deinit { unsafe simulated_disk_destroy(handle) }

    /// Replaces everything by one file with these bytes.
    func load(_ image: [UInt8]) {
        _ = disarm()
        unsafe image.withUnsafeBytes { unsafe simulated_disk_load(handle, $0.baseAddress, $0.count) }
    }

    /// Replaces everything by what another disk holds, as a plain copy of its folder.
    func copy(_ other: SimulatedDisk) { unsafe simulated_disk_copy(handle, other.handle) }

    /// The database file, without its log.
    var image: [UInt8] {
        var count = 0
        guard let bytes = unsafe simulated_disk_bytes(handle, SIMULATED_MAIN, &count) else { return [] }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }

    /// Whether a connection has files open.
    var isInUse: Bool { unsafe simulated_disk_is_in_use(handle) != 0 }

    // MARK: Trouble

    func arm(_ trouble: Trouble, afterCalls calls: Int) {
        if armed != .stop { armed = trouble }
        let fault: simulated_fault =
            switch trouble {
            case .full: SIMULATED_FULL
            case .error: SIMULATED_ERROR
            case .stop: SIMULATED_STOP
            }
        unsafe simulated_disk_arm(handle, fault, Int64(calls))
    }

    /// Ends the trouble; true where it came.
    func disarm() -> Bool {
        armed = nil
        return unsafe simulated_disk_disarm(handle) != 0
    }

    /// Turns the power off and on: what was not synced is kept, lost or torn.
    func losePower(_ dice: Dice) {
        armed = nil
        unsafe simulated_disk_lose_power(handle, dice.next())
    }

    // MARK: Looking

    /// The bytes that follow each place where a pattern stands, in the database or in its log.
    ///
    /// - Parameter count: how many bytes to give back behind the pattern.
    func bytes(behind pattern: [UInt8], count: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for file in [SIMULATED_MAIN, SIMULATED_LOG] {
            var size = 0
            guard let bytes = unsafe simulated_disk_bytes(handle, file, &size) else { continue }
            var offset = unsafe simulated_disk_find(handle, file, 0, pattern, pattern.count)
            while offset >= 0 {
                let start = offset + pattern.count
                let end = min(start + count, size)
                unsafe found.append([UInt8](UnsafeBufferPointer(start: bytes + start, count: end - start)))
                offset = unsafe simulated_disk_find(handle, file, start, pattern, pattern.count)
            }
        }
        return found
    }
}
