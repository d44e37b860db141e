import OutreachModel
import Testing

/// The clock changes of one zone over three years, written down so that tests need not touch the process's own zone.
struct ZoneTable: Sendable, CustomTestStringConvertible {
    let name: String
    /// The same rule as libc reads it from `TZ` (POSIX, Base Definitions 8.3), so that no zone files are needed.
    let posixRule: String
    let winterOffsetSeconds: Int
    /// Instants in seconds since 1970 and the offset from there on.
    let changes: [(seconds: Int, offsetSeconds: Int)]

    var testDescription: String { name }

    static let london = ZoneTable(
        name: "Europe/London", posixRule: "GMT0BST,M3.5.0/1,M10.5.0", winterOffsetSeconds: 0,
        changes: [
            (1_743_296_400, 3_600),  // 2025-03-30T01:00Z
            (1_761_440_400, 0),  // 2025-10-26T01:00Z
            (1_774_746_000, 3_600),  // 2026-03-29T01:00Z
            (1_792_890_000, 0),  // 2026-10-25T01:00Z
        ])

    static let newYork = ZoneTable(
        name: "America/New_York", posixRule: "EST5EDT,M3.2.0,M11.1.0", winterOffsetSeconds: -18_000,
        changes: [
            (1_741_503_600, -14_400),  // 2025-03-09T07:00Z
            (1_762_063_200, -18_000),  // 2025-11-02T06:00Z
            (1_772_953_200, -14_400),  // 2026-03-08T07:00Z
            (1_793_512_800, -18_000),  // 2026-11-01T06:00Z
        ])

    func offsetSeconds(at seconds: Int) -> Int {
        changes.last { $0.seconds <= seconds }?.offsetSeconds ?? winterOffsetSeconds
    }

    var local: LocalTime { LocalTime { offsetSeconds(at: $0) } }
}
