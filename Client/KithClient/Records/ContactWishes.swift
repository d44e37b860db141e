import Database
import OutreachModel
import SyncCore

/// Who wants no contact: because their record says so, or because they withdrew or refused the consent to it.
///
/// What says so is looked for once, not anew for each row of a list.
struct ContactWishes {
    /// What stands beside whatever is owed to such a person.
    static let mark = "wants no contact"
    /// The purpose of a consent to be contacted.
    private static let purpose = "contact"

    private let merged: MergedRecords
    /// Those whose own record says so, each under the record that stands for them.
    private let flagged: Set<RecordID>
    /// The consent that they withdrew or refused last, by the record that stands for them.
    private let consents: [RecordID: RecordID]

    /// - Parameters:
    ///   - today: the day on which somebody is to be contacted.
    ///   - people: those who are asked about; nil for everybody.
    init(
        _ reader: RecordReader, _ identities: RecordIdentities, today: CivilDate, of people: [RecordID]? = nil
    ) throws {
        let merged = try identities.merged(.person)
        let members = people.map { $0.flatMap { merged.members(of: $0).prefix(1 + RecordIdentities.largestCount) } }
        let values = members?.map { SQLValue.blob($0.bytes) } ?? []
        func isTheirs(_ column: String) -> String {
            members.map { " AND \(RecordReader.isAmong(column, $0.count))" } ?? ""
        }
        var flagged: Set<RecordID> = []
        try reader.walk(.person, .all, where: "do_not_contact = 1\(isTheirs("id"))", values, fields: []) { record in
            flagged.insert(merged.survivor(of: record.id))
            return true
        }
        let fields = [ConsentField.person, .purpose, .answer, .expires, .withdrawn].compactMap {
            RecordKind.consent.field($0.rawValue)
        }
        var register = ConsentRegister(today: today, people: merged)
        var consents: [RecordID: RecordID] = [:]
        // A consent that is in force, or has ended, takes nothing from one that was withdrawn: it need not be read.
        try reader.walk(
            .consent,
            where: """
                purpose = '\(Self.purpose)' AND (answer IS NOT 'given' OR withdrawn NOT NULL)\(isTheirs("person"))
                """,
            values, fields: fields, order: "+id"
        ) { consent in
            register.add(consent.values)
            if let person = consent.reference(ConsentField.person) {
                consents[merged.survivor(of: person)] = consent.id
            }
            return true
        }
        self.merged = merged
        self.flagged = flagged
        self.consents = consents.filter { register.standing($0.key, Self.purpose) == .withheld }
    }

    /// Whether somebody wants no contact, under whichever of their records.
    func wantsNoContact(_ person: RecordID) -> Bool {
        flagged.contains(merged.survivor(of: person)) || consent(withheldBy: person) != nil
    }

    /// Whether a record is a promise that is still owed to somebody who wants no contact.
    func marks(_ record: StoredRecord) -> Bool {
        guard record.kind == .promise, let person = record.reference(PromiseField.person) else { return false }
        let isOpen = record.text(PromiseField.kept) == nil && record.text(PromiseField.outcome) == nil
        return isOpen && wantsNoContact(person)
    }

    /// The consent to be contacted that somebody withdrew or refused; nil where there is none.
    func consent(withheldBy person: RecordID) -> RecordID? { consents[merged.survivor(of: person)] }
}

extension ClientContext {
    /// Who wants no contact today.
    func contactWishes(_ identities: RecordIdentities, of people: [RecordID]? = nil) throws -> ContactWishes {
        try ContactWishes(
            reader(), identities, today: local.moment(atMilliseconds: clock()).date, of: people)
    }
}
