import Database
import OutreachModel
import SyncCore

/// When places and people were last seen: by a visit, or by taking part in a visit or a meeting.
///
/// A closed door is no contact: what did not take place, or is still to come, does not count; nor does what was written down before
/// it was to take place, as long as nobody has said or written anything of it since.
struct Contacts {
    private static let visitTookPlace =
        "visit.living AND visit.started < ?1 "
        + "AND coalesce(visit.outcome, '') NOT IN ('no_access', 'not_found', 'cancelled') AND NOT (\(isPlan(.visit)))"
    private static let meetingTookPlace =
        "meeting.living AND meeting.started < ?1 AND coalesce(meeting.went_ahead, 1) <> 0 AND NOT (\(isPlan(.meeting)))"

    /// Whether a visit or meeting was written down more than an hour before it was to begin, and nothing was said of it since: what
    /// is written while somebody is on the way is no plan.
    static func isPlan(_ kind: RecordKind) -> String {
        let table = kind.name
        let outcome = kind == .visit ? "outcome" : "went_ahead"
        // Times of changes are milliseconds with 16 bits of a counter below; a record that nobody has edited has no stamps of its own.
        return """
            \(table).\(outcome) IS NULL AND \(table).stamps IS NULL
            AND strftime('%s', \(table).started) - 3600 > \(table).created_time / 65536000
            """
    }

    private let reader: RecordReader
    private let identities: RecordIdentities
    /// The day after today: times before it begin with an earlier text.
    private let tomorrow: CivilDate

    init(_ reader: RecordReader, _ identities: RecordIdentities, today: CivilDate) {
        self.reader = reader
        self.identities = identities
        tomorrow = today.adding(days: 1)
    }

    /// The last day of each person that has a rhythm, or is kept together with others, under the record that stands for
    /// them.
    func people() throws -> [RecordID: CivilDate] {
        guard try hasRhythm("person") else { return [:] }
        let among = """
            IN (SELECT id FROM person WHERE rhythm_days NOT NULL OR merged_into NOT NULL OR moved_to NOT NULL
                UNION SELECT merged_into FROM person WHERE merged_into NOT NULL
                UNION SELECT moved_to FROM person WHERE moved_to NOT NULL)
            """
        return try days(
            .person,
            """
            SELECT person, max(started) FROM visit WHERE \(Self.visitTookPlace) AND person \(among) GROUP BY person
            UNION ALL
            SELECT part.person, max(coalesce(visit.started, meeting.started)) FROM attendance AS part
            LEFT JOIN visit ON visit.id = part.visit AND \(Self.visitTookPlace)
            LEFT JOIN meeting ON meeting.id = part.meeting AND \(Self.meetingTookPlace)
            WHERE part.living AND part.person \(among) GROUP BY part.person
            """)
    }

    /// The last day of each place that has a rhythm, or is kept together with others, under the record that stands for
    /// it.
    func places() throws -> [RecordID: CivilDate] {
        guard try hasRhythm("place") else { return [:] }
        let among = """
            IN (SELECT id FROM place WHERE rhythm_days NOT NULL OR merged_into NOT NULL
                UNION SELECT merged_into FROM place WHERE merged_into NOT NULL)
            """
        return try days(
            .place,
            """
            SELECT place, max(started) FROM visit WHERE \(Self.visitTookPlace) AND place \(among) GROUP BY place
            UNION ALL
            SELECT place, max(started) FROM meeting WHERE \(Self.meetingTookPlace) AND place \(among) GROUP BY place
            """)
    }

    /// The last day on which two people were at the same visit or meeting, each under any of the records that they have.
    func together(_ one: [RecordID], _ other: [RecordID]) throws -> CivilDate? {
        func presence(_ gathering: String, _ people: [RecordID], from first: Int) -> String {
            let among = RecordReader.isAmong("person", people.count, from: first)
            let named = gathering == "visit" ? " UNION SELECT id FROM visit WHERE \(among)" : ""
            return "SELECT \(gathering) FROM attendance WHERE living AND \(among)\(named)"
        }
        let parts = [("visit", Self.visitTookPlace), ("meeting", Self.meetingTookPlace)].map { table, tookPlace in
            """
            SELECT started FROM \(table) WHERE \(tookPlace) AND id IN (\(presence(table, one, from: 2)))
            AND id IN (\(presence(table, other, from: 2 + one.count)))
            """
        }
        let people = (one + other).map { SQLValue.blob($0.bytes) }
        let row = try reader.database.query(
            "SELECT max(started) FROM (\(parts.joined(separator: " UNION ALL ")))",
            [.text(tomorrow.description)] + people
        ).first
        guard case .text(let text)? = row?.first else { return nil }
        return ParsedDate(stored: text)?.date
    }

    private func hasRhythm(_ table: String) throws -> Bool {
        try reader.database.integer("SELECT 1 FROM \(table) WHERE living AND rhythm_days NOT NULL LIMIT 1") != nil
    }

    /// Times begin with the day that the writer's calendar showed, so that the greatest text has the last day.
    private func days(_ kind: RecordKind, _ query: String) throws -> [RecordID: CivilDate] {
        let merged = try identities.merged(kind)
        var days: [RecordID: CivilDate] = [:]
        for row in try reader.database.query(query, [.text(tomorrow.description)]) {
            guard case .blob(let bytes) = row[0], let id = RecordID(bytes: bytes), case .text(let text) = row[1],
                let day = ParsedDate(stored: text)?.date
            else { continue }
            let survivor = merged.survivor(of: id)
            days[survivor] = max(days[survivor] ?? day, day)
        }
        return days
    }
}
