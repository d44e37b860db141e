import Cryptography
import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith doctor`
enum DoctorCommand {
    /// Less free space than this is told, in bytes.
    private static let leastFreeBytes = 100 << 20

    static let command = Command<ClientContext>(
        name: "doctor", summary: "Check that the records on this laptop are whole and safe.",
        discussion: "With --online the office's server is asked too. Exit code 7 means that the database is damaged.",
        example: "kith doctor --online",
        options: [.flag("online", "Also ask whether the office's server can be reached.")], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let laptop = try context.laptop()
        var findings = try checking(context) { try storage(laptop, context) + files(laptop) }
        let (address, token) = try laptop.office()
        findings.append(
            Finding("server key", .good, "pinned, SHA-256 \(Hex.encode(address.pin).prefix(16))…"))
        if let next = address.nextPin {
            findings.append(
                Finding("next server key", .good, "announced by the office, SHA-256 \(Hex.encode(next).prefix(16))…"))
        }
        let isWhole = !findings.contains { $0.level == .damaged }
        findings.append(try clock(isWhole ? laptop.replica : nil, context))
        if isWhole { findings.append(try checking(context) { try links(laptop) }) }
        if arguments.hasFlag("online") { findings.append(online(context.makeLink(address, token, 3_000), laptop)) }
        try show(findings, context)
        if findings.contains(where: { $0.level == .damaged }) {
            if findings.allSatisfy({ $0.level != .damaged || $0.what == "records" }) {
                throw CommandFailure(
                    exitCode: .damaged, message: "Some records are damaged here; the office has them.",
                    next: "kith sync")
            }
            throw CommandFailure(
                exitCode: .damaged,
                message: "The database is damaged. Copy the folder \(laptop.home.path) before anything else, then ask "
                    + "the office for help.")
        }
        if findings.contains(where: { $0.level == .warning }) {
            try context.console.note("Something needs attention; nothing is lost.")
        }
    }

    private static func checking<Result>(_ context: ClientContext, _ body: () throws -> Result) rethrows -> Result {
        try WorkingLine.during("Checking the records", on: context.console, body)
    }

    /// One thing that was looked at.
    private struct Finding {
        enum Level: String { case good, warning, damaged }

        let what: String
        let level: Level
        let words: String

        init(_ what: String, _ level: Level, _ words: String) {
            self.what = what
            self.level = level
            self.words = words
        }
    }

    private static func storage(_ laptop: Laptop, _ context: ClientContext) throws -> [Finding] {
        let version = Database.libraryVersion
        let parts = version.split(separator: ".").compactMap { Int($0) }
        let isFixed = !parts.lexicographicallyPrecedes([3, 51, 3])
        var findings = [
            Finding(
                "SQLite", .good,
                isFixed
                    ? version : "\(version); its write-ahead log needs one writer at a time, which kith's lock sees to")
        ]
        do {
            findings += try content(laptop, context)
        } catch let error as DatabaseError where error.kind == .corrupt {
            findings.append(Finding("database", .damaged, error.message))
        }
        return findings
    }

    private static func content(_ laptop: Laptop, _ context: ClientContext) throws -> [Finding] {
        let damage = try laptop.database.integrityCheck()
        guard damage.isEmpty else {
            return [Finding("database", .damaged, "\(damage.count) faults, the first: \(damage[0])")]
        }
        return [Finding("database", .good, "whole"), try records(laptop, context)]
    }

    /// Records that are not as they were saved are fetched again by the next sync.
    private static func records(_ laptop: Laptop, _ context: ClientContext) throws -> Finding {
        let damaged = try laptop.replica.damagedAreas()
        if damaged.isEmpty {
            return Finding("records", .good, "as they were saved, \(try SyncReport.livingCount(laptop)) of them")
        }
        let names = try SyncReport.names(damaged, laptop).joined(separator: ", ")
        if context.console.settings.isDryRun {
            return Finding("records", .damaged, "some in \(names) are not as they were saved")
        }
        for area in damaged { try laptop.replica.beginRefetch(area: area, purpose: .repair) }
        return Finding(
            "records", .damaged,
            "some in \(names) are not as they were saved. They are fetched again with the next sync: kith sync")
    }

    private static func files(_ laptop: Laptop) -> [Finding] {
        var findings: [Finding] = []
        let expected = [(laptop.home.path, 0o700), (laptop.home.databasePath, 0o600)]
        let open = expected.filter { path, mode in (HomeFolder.mode(of: path) ?? mode) & ~mode != 0 }.map(\.0)
        findings.append(
            open.isEmpty
                ? Finding("files", .good, "readable by you alone")
                : Finding(
                    "files", .warning,
                    "others can read \(open.joined(separator: " and ")): chmod -R go= \(laptop.home.path)"))
        switch DiskEncryption.of(laptop.home.path) {
        case .encrypted: findings.append(Finding("disk encryption", .good, "the disk is encrypted"))
        case .plain:
            findings.append(
                Finding("disk encryption", .warning, "whoever takes this laptop can read its disk: ask the office"))
        case .unknown:
            findings.append(Finding("disk encryption", .good, "this system does not say whether the disk is encrypted"))
        }
        if let free = laptop.home.freeBytes {
            findings.append(
                free >= leastFreeBytes
                    ? Finding("disk", .good, "\(free >> 20) MB free")
                    : Finding("disk", .warning, "\(free >> 20) MB free: make room"))
        }
        return findings
    }

    /// Foreign keys are not enforced: children may come before their parents, or outlive them.
    private static func links(_ laptop: Laptop) throws -> Finding {
        let count = try MissingReferences(database: laptop.database).count()
        if count == 0 { return Finding("links", .good, "whatever a record names is here") }
        let what = count == 1 ? "1 time a record names" : "\(count) times a record names"
        return Finding(
            "links", .good, "\(what) one that is deleted, belongs to another team or has not arrived; lists say so")
    }

    /// - Parameter replica: nil where it can't be asked.
    private static func clock(_ replica: Replica?, _ context: ClientContext) throws -> Finding {
        let moment = context.local.moment(atMilliseconds: context.clock())
        // Before this program was written a clock is certainly wrong.
        guard moment.date.year >= 2026 else { return Finding("clock", .warning, "\(moment): set it") }
        if let error = try replica?.knownClockError(), error != 0 {
            let length = "\(SyncReport.words(milliseconds: error.magnitude)) \(error < 0 ? "fast" : "slow")"
            return Finding(
                "clock", .warning,
                "\(moment): at the last sync it was \(length) beside the office's. When you saved something is corrected"
            )
        }
        guard let ahead = try replica?.timeAhead() else { return Finding("clock", .good, "\(moment)") }
        return Finding(
            "clock", .warning,
            "\(moment), but what you save is dated after \(context.local.moment(atMilliseconds: ahead)), the latest time of a "
                + "change here. If this clock is right, the office's was fast once: tell the office")
    }

    /// Asks for the history of a record that does not exist: the smallest question that needs the credentials.
    private static func online(_ link: any ServerLink, _ laptop: Laptop) -> Finding {
        do throws(ClientError) {
            _ = try link.history(HistoryRequest(table: 1, record: RecordID(high: 0, low: 0)))
            return Finding("server", .good, "answers")
        } catch .refused(.notFound) {
            return Finding("server", .good, "answers")
        } catch {
            return Finding("server", .warning, FailureWording.failure(error).message)
        }
    }

    private static func show(_ findings: [Finding], _ context: ClientContext) throws {
        if context.isJSON {
            return try context.console.show(
                .array(
                    findings.map { finding in
                        [
                            "check": .string(finding.what), "level": .string(finding.level.rawValue),
                            "detail": .string(finding.words),
                        ]
                    }))
        }
        for finding in findings {
            try context.console.show("\(finding.what): \(finding.level.rawValue). \(finding.words.capitalizedFirst)")
        }
    }
}
