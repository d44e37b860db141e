import SyncCore
import SyncHub

/// What a backup says of itself, encrypted like all of it: when it was made, of which history, and what its records add
/// up to.
struct BackupManifest: Equatable {
    /// The form of the file that this program writes.
    static let currentForm: UInt64 = 1
    /// The most areas and files that are read of one.
    private static let largestCount = 100_000

    /// An area's end and digest.
    struct Area: Equatable {
        var number: Int
        var sequence: UInt64
        var digest: UInt128
    }

    /// A file, in the order in which the contents follow.
    struct File: Equatable {
        var name: String
        var bytes: UInt64
    }

    /// Milliseconds since 1970.
    var made: Int64
    var epoch: [UInt8]
    /// How many lines the ledger had.
    var ledgerCount: UInt64
    /// How many living records there were.
    var recordCount: UInt64
    var areas: [Area]
    var files: [File]

    /// What stands in a copy of the database.
    init(of store: SQLiteHubStore, made: Int64) throws {
        self.made = made
        epoch = try store.epoch() ?? []
        ledgerCount = try store.lastLedgerEntry()?.number ?? 0
        recordCount = UInt64(try store.statistics().tables.reduce(0) { $0 + $1.living })
        areas = try store.areas().map { area in
            let head = try store.head(area: area.number)
            return Area(number: area.number, sequence: head.sequence, digest: head.digest)
        }
        files = []
    }

    /// `[form, made, epoch, ledger count, record count, [[area, sequence, digest]…], [[name, bytes]…]]`
    func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 7)
        writer.unsigned(Self.currentForm)
        writer.integer(made)
        writer.bytes(epoch)
        writer.unsigned(ledgerCount)
        writer.unsigned(recordCount)
        writer.array(count: areas.count)
        for area in areas {
            writer.array(count: 3)
            writer.unsigned(UInt64(area.number))
            writer.unsigned(area.sequence)
            writer.bytes(bigEndian: area.digest)
        }
        writer.array(count: files.count)
        for file in files {
            writer.array(count: 2)
            writer.text(file.name)
            writer.unsigned(file.bytes)
        }
        return writer.bytes
    }

    /// Reads what `encoded` made; another form is refused.
    init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        guard try reader.readArray() == 7, try reader.readUnsigned() == Self.currentForm else {
            throw reader.unexpectedItem()
        }
        made = try reader.readInteger()
        epoch = try reader.readBytes()
        ledgerCount = try reader.readUnsigned()
        recordCount = try reader.readUnsigned()
        areas = []
        let areaCount = try reader.readArray()
        guard areaCount <= Self.largestCount else { throw reader.unexpectedItem() }
        for _ in 0..<areaCount {
            guard try reader.readArray() == 3 else { throw reader.unexpectedItem() }
            areas.append(
                Area(
                    number: Int(clamping: try reader.readUnsigned()), sequence: try reader.readUnsigned(),
                    digest: try reader.readBigEndian()))
        }
        files = []
        let fileCount = try reader.readArray()
        guard fileCount <= Self.largestCount else { throw reader.unexpectedItem() }
        for _ in 0..<fileCount {
            guard try reader.readArray() == 2 else { throw reader.unexpectedItem() }
            files.append(File(name: try reader.readText(), bytes: try reader.readUnsigned()))
        }
        try reader.finish()
    }
}
