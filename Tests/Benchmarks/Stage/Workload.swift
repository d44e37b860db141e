import Foundation
import OutreachModel
import SyncCore

/// One record of the workload, as a visit of the model.
struct WorkRecord {
    /// The id of the workload, which names a version 4 where ids of Kith name a version 7; all other bits are kept.
    let id: RecordID
    let values: [(field: Int, value: Value)]
}

/// The seeded records that other systems were measured with: `workload.py` of the folder of the peers.
///
/// Its eight fields become the id and seven fields of a visit: site → purpose, worker → reflection, started_at → started,
/// ended_at → ended, kind → kind, people_met → headcount, notes → summary. Times are kept to the millisecond, as text.
/// Without that folder records of the same shape are made up here.
final class Workload {
    /// The fields of the visit in the order of their numbers, with the column of the workload that each is taken from.
    private static let columns: [(field: VisitField, column: Int)] = [
        (.started, 3), (.ended, 4), (.kind, 5), (.purpose, 1), (.summary, 7), (.reflection, 2), (.headcount, 6),
    ]
    private static let script = """
        import sys
        sys.path.insert(0, sys.argv[1])
        from workload import rows
        with open(sys.argv[3], "w") as f:
            for r in rows(int(sys.argv[2]), int(sys.argv[4])): f.write("\\t".join(map(str, r)) + "\\n")
        """
    private static let words = [
        "water", "pump", "household", "visit", "child", "vaccine", "follow", "up", "session", "seed", "meeting",
        "group", "leader", "absent", "road", "training", "register", "payment", "clinic", "mother", "school", "roof",
    ]

    private let peersFolder: URL?
    private let scratch: URL

    init(peersFolder: URL?, scratch: URL) { (self.peersFolder, self.scratch) = (peersFolder, scratch) }

    /// What the records are, for people.
    var description: String {
        peersFolder == nil ? "made-up records of the shape of workload.py" : "workload.py"
    }

    /// The first records of a seed, the same in every run.
    func records(_ count: Int, seed: Int = 1) throws -> [WorkRecord] {
        try lines(count, seed: seed).map { line in
            guard let record = Self.record(line) else {
                throw ChildProcess.Failure(description: "The workload has a record that can't be read.")
            }
            return record
        }
    }

    /// Notes of about 120 characters, each another one.
    func notes(_ count: Int, seed: Int) throws -> [Value] {
        try lines(count, seed: seed).map { line in
            .text(String(decoding: line.split(separator: UInt8(ascii: "\t"))[7], as: UTF8.self))
        }
    }

    /// One record as the JSON object that the bytes of other systems are compared with.
    func json(_ number: Int, seed: Int) throws -> String {
        let names = ["id", "site", "worker", "started_at", "ended_at", "kind", "people_met", "notes"]
        let cells = try lines(number + 1, seed: seed)[number].split(separator: UInt8(ascii: "\t"))
        return "{"
            + zip(names, cells).map { name, cell in
                let text = String(decoding: cell, as: UTF8.self)
                return "\"\(name)\":" + (Int(text) == nil ? "\"\(text)\"" : text)
            }.joined(separator: ",") + "}"
    }

    // MARK: Lines

    private func lines(_ count: Int, seed: Int) throws -> [Data.SubSequence] {
        let file = scratch.appendingPathComponent("workload-\(seed)-\(count).tsv")
        if !FileManager.default.fileExists(atPath: file.path) {
            if let peersFolder {
                let arguments = ["-B", "-c", Self.script, peersFolder.path, "\(count)", file.path, "\(seed)"]
                try ChildProcess.run("python3", arguments, streams: ChildProcess.Streams(folder: scratch))
            } else {
                try Self.madeUp(count, seed: seed).write(to: file, atomically: false, encoding: .utf8)
            }
        }
        return try Data(contentsOf: file, options: .alwaysMapped).split(separator: UInt8(ascii: "\n"))
    }

    private static func madeUp(_ count: Int, seed: Int) -> String {
        var random = SeededNumbers(state: UInt64(seed))
        var text = ""
        for _ in 0..<count {
            let started = 1_760_000_000_000 + random.next(below: 8_000_000_000)
            let digits = (0..<32).map { _ in String(random.next(below: 16), radix: 16) }.joined()
            var notes = ""
            while notes.utf8.count < 112 { notes += words[random.next(below: words.count)] + " " }
            notes.removeLast()
            let kind = ["visit", "meeting", "training", "delivery", "inspection"][random.next(below: 5)]
            let cells: [Any] = [
                digits, "site-\(1_000 + random.next(below: 400))", "w-\(100 + random.next(below: 50))", started,
                started + 300_000 + random.next(below: 6_900_000), kind, random.next(below: 40), notes,
            ]
            text += cells.map { "\($0)" }.joined(separator: "\t") + "\n"
        }
        return text
    }

    private static func record(_ line: Data.SubSequence) -> WorkRecord? {
        let cells = line.split(separator: UInt8(ascii: "\t"))
        guard cells.count == 8, let id = id(cells[0]) else { return nil }
        var values: [(field: Int, value: Value)] = []
        for (field, column) in columns {
            let text = String(decoding: cells[column], as: UTF8.self)
            switch field {
            case .started, .ended:
                guard let milliseconds = Int64(text) else { return nil }
                values.append((field.rawValue, .text(time(milliseconds))))
            case .headcount:
                guard let number = Int64(text) else { return nil }
                values.append((field.rawValue, .integer(number)))
            default: values.append((field.rawValue, .text(text)))
            }
        }
        return WorkRecord(id: id, values: values)
    }

    private static func id(_ text: Data.SubSequence) -> RecordID? {
        var number: UInt128 = 0
        for byte in text where byte != UInt8(ascii: "-") {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
            number = number << 4 | UInt128(digit)
        }
        let id = RecordID(number)
        return RecordID(high: id.high & ~0xF000 | 0x7000, low: id.low & ~(3 << 62) | 2 << 62)
    }

    private static func time(_ milliseconds: Int64) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let day = CivilDate(daysSince1970: Int(seconds / 86_400))
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = seconds % 86_400
        let fraction = String(repeating: "0", count: rest < 10 ? 2 : rest < 100 ? 1 : 0) + "\(rest)"
        return "\(day)T\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60)).\(fraction)Z"
    }
}
