import SyncHub

/// How long ago the last backup was finished, and whether that is too long.
struct BackupAge {
    /// From this age on the office is warned.
    static let largestDays: Int64 = 7
    private static let dayMilliseconds: Int64 = 86_400_000

    /// Milliseconds since 1970; nil where there never was one.
    let last: Int64?
    private let days: Int64

    /// - Parameter now: milliseconds since 1970.
    init(_ hub: Hub, folder: ServerFolder, now: Int64) throws {
        last = try hub.lastBackup()
        days = max(0, now - (last ?? folder.begun ?? 0)) / Self.dayMilliseconds
    }

    /// Whether the office must be warned; a new server has the same time for its first backup.
    var isTooOld: Bool { days >= Self.largestDays }

    /// What is known, for people.
    var line: String {
        guard let last else {
            return "There is no backup yet\(isTooOld ? ": make one now: kith-server backup FILE" : ".")"
        }
        let made = "The last backup was made \(TimeText.local(last))"
        return isTooOld ? "\(made), \(days) days ago: make one now: kith-server backup FILE" : "\(made)."
    }
}
