import SyncCore

extension Report {
    /// The network as it has grown: who people are to the work, who knows whom, who brought others together.
    ///
    /// It names nobody.
    package static func network(_ records: ReportRecords) throws -> Report {
        var report = Report(title: "The network", subtitle: records.period)
        let people = try records.names(.person)
        let small = records.showsSmallNumbers
        try addRoles(&report, records, people)
        var kinds = Tally()
        var neighbours: [RecordID: Set<RecordID>] = [:]
        var introductions: [RecordID: Int] = [:]
        try records.forEach(.relationship) { relationship in
            if let ended = relationship.day(RelationshipField.ended), ended <= records.until { return }
            kinds.add(relationship.text(RelationshipField.kind) ?? "not said")
            if let by = relationship.reference(RelationshipField.introducedBy) {
                introductions[people.survivor(by), default: 0] += 1
            }
            guard let one = relationship.reference(RelationshipField.person).map(people.survivor),
                let other = relationship.reference(RelationshipField.other).map(people.survivor), one != other
            else { return }
            neighbours[one, default: []].insert(other)
            neighbours[other, default: []].insert(one)
        }
        report.add(
            bars: kinds.bars(order: RecordKind.relationshipKinds, small: small), "Who knows whom",
            columns: ("Relationship", "Times"))
        var connections = Tally()
        for known in neighbours.values {
            connections.add(known.count == 1 ? "1 other" : known.count < 4 ? "2 or 3 others" : "4 others or more")
        }
        report.add(
            bars: connections.bars(order: ["1 other", "2 or 3 others", "4 others or more"], small: small),
            "People by how many others they know", columns: ("Knows", "People"))
        addIntroductions(&report, introductions, small)
        if !small { report.remarks.append(hidden) }
        return report
    }

    private static func addIntroductions(_ report: inout Report, _ introductions: [RecordID: Int], _ small: Bool) {
        let total = introductions.values.reduce(0, +)
        var bars: [Bar] = []
        if total > 0 {
            bars = [
                Bar("Introductions", cell(total, small: small)),
                Bar("People who made them", cell(introductions.count, small: small)),
            ]
        }
        report.add(
            bars: bars, "Brought together", lead: "A network grows by those who bring others together.",
            columns: ("What", "How many"))
    }

    private static func addRoles(_ report: inout Report, _ records: ReportRecords, _ people: ReportNames) throws {
        var roles: [String: Set<RecordID>] = [:]
        try records.forEach(.role) { role in
            if let ended = role.day(RoleField.ended), ended <= records.until { return }
            guard let person = role.reference(RoleField.person) else { return }
            roles[role.text(RoleField.kind) ?? Words.other, default: []].insert(people.survivor(person))
        }
        var tally = Tally()
        for (kind, people) in roles { tally.add(kind, people.count) }
        report.add(
            bars: tally.bars(order: RecordKind.roleKinds, small: records.showsSmallNumbers), "People by role",
            lead: "Whoever has two roles is in both.", columns: ("Role", "People"))
    }
}
