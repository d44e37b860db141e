import Cryptography
import Database
import HTTPServing
import SyncCore
import SyncHub

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What matters to a server outside its records: clock, room, disks, laptops that are behind, the key that they pin.
struct ServerSurroundings {
    /// After how long a silence a laptop is called behind, in milliseconds: 14 days.
    static let behindMilliseconds: Int64 = 14 * 86_400_000
    /// Less free space than this is told, in bytes, or than twice the database, which a backup and a trial need.
    private static let leastFreeBytes = 1 << 30
    /// How far behind its own writing a clock may be before that is told, in milliseconds.
    private static let clockToleranceMilliseconds: Int64 = 120_000
    /// SQLite versions before this have a fault in the write-ahead log that several writers at once bring out
    /// (sqlite.org, "WAL-reset bug", 3.51.3).
    private static let versionWithoutWALFault = [3, 51, 3]

    /// The devices that are not revoked and were not heard of for long.
    let behind: [DeviceRecord]
    /// SHA-256 of the TLS key, as laptops pin it, in hexadecimal digits.
    let pin: String
    /// SHA-256 of the certificate, as browsers show it.
    let fingerprint: String
    /// What needs attention.
    let warnings: [String]

    /// - Parameter now: milliseconds since 1970.
    init(_ folder: ServerFolder, _ hub: Hub, now: Int64) throws {
        let live = try hub.devices().filter { $0.number != DeviceRecord.office && !$0.isRevoked }
        behind = live.filter {
            now - ($0.seenMilliseconds ?? 0) > Self.behindMilliseconds && $0.seenMilliseconds != nil
        }
        let certificate = try folder.certificate()
        pin = Hex.encode(certificate.publicKeyPin)
        fingerprint = FrontPage.words(certificate.certificateFingerprint)
        warnings =
            try Self.clock(hub, live, now: now) + Self.room(folder) + Self.disks(folder, live, hub)
            + Self.claims(live, hub)
            + behind.map { device in
                "\(device.name) of \(device.person) was heard of last \(device.seenMilliseconds.map(TimeText.local) ?? "")."
            }
    }

    /// What SQLite is in use, for people.
    static var libraryLine: String {
        let version = Database.libraryVersion
        let parts = version.split(separator: ".").compactMap { Int($0) }
        let isFixed = !parts.lexicographicallyPrecedes(versionWithoutWALFault)
        return isFixed
            ? "SQLite \(version), one writer at a time by the commit lock."
            : "SQLite \(version): its write-ahead log needs one writer at a time, which the commit lock sees to."
    }

    /// A clock that is slow now and one that was fast once look alike from here.
    private static func clock(_ hub: Hub, _ devices: [DeviceRecord], now: Int64) throws -> [String] {
        let limit = now + clockToleranceMilliseconds
        let shown = "This machine's clock shows \(TimeText.local(now)), and"
        let written = try [hub.lastAuditTime(), hub.lastBackup()].compactMap(\.self).max() ?? 0
        let ahead = devices.filter { StampTime.milliseconds($0.highestTime) > limit }
        var warnings: [String] = []
        if written > limit {
            warnings.append(
                "\(shown) the log has a line of \(TimeText.local(written)): set the clock, unless it was fast then.")
        }
        if let last = ahead.max(by: { $0.highestTime < $1.highestTime }) {
            let others = ahead.count == 1 ? "" : " and \(ahead.count - 1) more"
            let time = TimeText.local(StampTime.milliseconds(last.highestTime))
            warnings.append(
                "\(shown) \(last.name) of \(last.person)\(others) saved changes that are dated up to \(time): set the clock. If it "
                    + "is right, it was fast once, and until then what is written there wins over what others write "
                    + "without having seen it: look at kith-server conflicts list")
        }
        return warnings
    }

    /// That there is little room on the disk; none where there is enough.
    static func room(_ folder: ServerFolder) -> [String] {
        guard let free = folder.freeBytes else { return [] }
        let needed = max(leastFreeBytes, 2 * (TextFile.size(folder.databasePath) ?? 0))
        return free >= needed ? [] : ["\(free >> 20) MB are free on the disk of \(folder.path): make room."]
    }

    /// After a restore it may be as it should be; a laptop that does so again and again makes all others hand over for nothing.
    private static func claims(_ devices: [DeviceRecord], _ hub: Hub) throws -> [String] {
        try hub.recentClaims().compactMap { claim in
            guard let device = devices.first(where: { $0.number == claim.device }) else { return nil }
            let often = claim.count == 1 ? "" : ", \(claim.count) times in a row"
            return "\(device.name) of \(device.person) began a new history by its word alone, last "
                + "\(TimeText.local(claim.milliseconds))\(often). Was this server not put back from a copy, look after that "
                + "laptop, or shut it out: kith-server revoke \(device.number)"
        }
    }

    private static func disks(_ folder: ServerFolder, _ devices: [DeviceRecord], _ hub: Hub) throws -> [String] {
        var warnings: [String] = []
        if DiskEncryption.of(folder.path) == .plain {
            warnings.append("The disk of \(folder.path) is not encrypted: whoever takes it can read the records.")
        }
        for device in devices {
            guard try hub.standing(of: device.number)?.standing.disk == DiskEncryption.plain.rawValue else { continue }
            warnings.append("The disk of \(device.name) of \(device.person) is not encrypted.")
        }
        return warnings
    }
}

extension ServerFolder {
    /// How many bytes are free on the disk of the folder; nil where the system does not say (statvfs(3)).
    var freeBytes: Int? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }
}
