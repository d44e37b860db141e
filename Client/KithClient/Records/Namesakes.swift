import Database
import OutreachModel
import SyncCore

/// Tells people of one name apart, where somebody has to pick one of them.
struct Namesakes {
    let reader: RecordReader
    let local: LocalTime
    /// The names of areas by number.
    let areaNames: () throws -> [Int: String]

    /// What is known of a person: `client at Castle House, last seen 26 Nov 2026`; who was never seen, since when they are here.
    ///
    /// - Parameter tellsTeam: whether the others are of other teams.
    func mark(_ person: StoredRecord, tellsTeam: Bool) throws -> String {
        let seen = try lastSeen(person.id).map { "last seen \(Self.words($0))" }
        let added = "added \(Self.words(local.moment(atMilliseconds: Int64(person.created.milliseconds)).date))"
        let team = tellsTeam ? try areaNames()[person.area] : nil
        return [team, try role(person.id), seen ?? added].compactMap { $0 }.joined(separator: ", ")
    }

    /// The newest role that has not ended.
    private func role(_ person: RecordID) throws -> String? {
        let roles = try reader.records(.role, where: "person = ?1 AND ended IS NULL", [.blob(person.bytes)])
        guard let role = roles.last, let kind = role.text(RoleField.kind) else { return nil }
        let words = role.text(RoleField.kindOther) ?? Words.plain(kind)
        guard let place = role.reference(RoleField.place),
            let name = try reader.record(.place, place)?.text(PlaceField.name)
        else { return words }
        return "\(words) at \(name)"
    }

    private func lastSeen(_ person: RecordID) throws -> CivilDate? {
        let row = try reader.database.query(
            """
            SELECT max(started) FROM (
                SELECT started FROM visit WHERE living
                    AND (person = ?1 OR id IN (SELECT visit FROM attendance WHERE living AND person = ?1))
                UNION ALL
                SELECT started FROM meeting WHERE living
                    AND id IN (SELECT meeting FROM attendance WHERE living AND person = ?1))
            """, [.blob(person.bytes)]
        ).first
        guard case .text(let text)? = row?.first else { return nil }
        return ParsedDate(stored: text)?.date
    }

    private static func words(_ date: CivilDate) -> String {
        "\(date.day) \(CivilDate.monthNames[date.month - 1].prefix(3)) \(date.year)"
    }
}
