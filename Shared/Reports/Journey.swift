import SyncCore

/// A person's way from one opportunity to the next: what they were offered and took part in, how it went, and thanks.
///
/// A step back is a step: nothing here counts or compares, and a no is an answer like any other.
package struct Journey: Hashable, Sendable {
    /// One thing on the way.
    package struct Step: Hashable, Sendable {
        /// The record that says so.
        package let id: RecordID
        /// When it was; nil where nobody named a day.
        package let day: CivilDate?
        /// What it was.
        package let title: String
        /// What was said and done, a sentence each.
        package let lines: [String]
        /// The opportunity that this one led on from.
        package let cameFrom: RecordID?
    }

    /// What the person is called.
    package let name: String
    /// What they are good at, are interested in and want next: label and words.
    package let brings: [(label: String, words: String)]
    /// All steps, the earliest first; those without a day at the end.
    package let steps: [Step]
    /// How many visits and meetings they took part in.
    package let gatheringCount: Int

    /// The steps in order.
    ///
    /// - Parameters:
    ///   - person: the person's values by field number.
    ///   - gatheringCount: how many visits and meetings they took part in.
    package init(name: String, person: [Int: Value], steps: [Step], gatheringCount: Int) {
        self.name = name
        let fields = [PersonField.strengths, .interests, .wantsNext].compactMap { RecordKind.person.field($0.rawValue) }
        brings = fields.compactMap { field in
            guard case .given(let words) = OptionalAnswer(person[field.number] ?? .null), !words.isEmpty else {
                return nil
            }
            return (field.label, words)
        }
        let keyed = steps.map { (day: $0.day?.daysSince1970 ?? .max, step: $0) }
        self.steps = keyed.sorted { ($0.day, $0.step.id) < ($1.day, $1.step.id) }.map(\.step)
        self.gatheringCount = gatheringCount
    }

    package static func == (left: Journey, right: Journey) -> Bool {
        left.name == right.name && left.steps == right.steps && left.gatheringCount == right.gatheringCount
            && left.brings.elementsEqual(right.brings) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(steps)
    }

    // MARK: Steps

    /// An opportunity as a step.
    ///
    /// - Parameters:
    ///   - values: by field number; what may not be told was taken out before.
    ///   - isShared: whether the page leaves the office: then it says nothing of support that was asked for.
    package static func step(opportunity id: RecordID, _ values: [Int: Value], isShared: Bool) -> Step {
        var lines: [String] = []
        switch text(values, OpportunityField.answer) {
        case "yes"?: lines.append("Said yes.")
        case "not_now"?: lines.append("Not now: it stays open.")
        case "no"?: lines.append("Chose something else this time.")
        default: break
        }
        if !isShared, let support = answer(values, OpportunityField.supportWanted) {
            lines.append("Support wanted: \(support)")
        }
        if let words = answer(values, OpportunityField.howItWent), words != QuoteGuard.leftOut {
            lines.append("In their own words: “\(words)”")
        }
        lines += thanks(values, OpportunityField.thankedHow, OpportunityField.thankedWhen)
        let day = day(values, OpportunityField.started) ?? day(values, OpportunityField.offered)
        return Step(
            id: id, day: day, title: text(values, OpportunityField.what) ?? "", lines: lines,
            cameFrom: values[OpportunityField.cameFrom.rawValue]?.reference)
    }

    /// A part in a visit or meeting as a step; nil where the person was there and nothing more is said.
    ///
    /// - Parameters:
    ///   - gathering: what the visit or meeting is called.
    ///   - day: when it was.
    package static func step(
        attendance id: RecordID, _ values: [Int: Value], gathering: String, day: CivilDate?
    ) -> Step? {
        var lines: [String] = []
        if let contribution = text(values, AttendanceField.contribution) { lines.append("Brought: \(contribution)") }
        if let felt = answer(values, AttendanceField.felt), felt != QuoteGuard.leftOut {
            lines.append("In their own words: “\(felt)”")
        }
        lines += thanks(values, AttendanceField.thankedHow, AttendanceField.thankedWhen)
        let part = text(values, AttendanceField.tookPartAs) ?? "attended"
        guard !lines.isEmpty || part != "attended" else { return nil }
        let own = part == Words.other ? text(values, AttendanceField.tookPartAsOther) : nil
        let did = (own ?? Words.plain(part)).prefix(1).uppercased() + (own ?? Words.plain(part)).dropFirst()
        return Step(id: id, day: day, title: "\(did): \(gathering)", lines: lines, cameFrom: nil)
    }

    /// A role as a step.
    ///
    /// - Parameter place: what its place is called; nil where it has none.
    package static func step(role id: RecordID, _ values: [Int: Value], place: String?) -> Step {
        let kind = text(values, RoleField.kind) ?? Words.other
        let own = kind == Words.other ? text(values, RoleField.kindOther) : nil
        let until = day(values, RoleField.ended).map { ["Until \($0.inWords)."] } ?? []
        let at = place.map { " at \($0)" } ?? ""
        return Step(
            id: id, day: day(values, RoleField.started), title: "Became \(own ?? Words.plain(kind))\(at)",
            lines: until, cameFrom: nil)
    }

    private static func thanks(
        _ values: [Int: Value], _ how: some RawRepresentable<Int>, _ when: some RawRepresentable<Int>
    ) -> [String] {
        let how = text(values, how)
        let when = day(values, when).map { "on \($0.inWords)" }
        guard how != nil || when != nil else { return [] }
        return ["Thanked: \([how, when].compactMap(\.self).joined(separator: ", "))."]
    }

    private static func text(_ values: [Int: Value], _ field: some RawRepresentable<Int>) -> String? {
        if case .text(let text)? = values[field.rawValue], !text.isEmpty { text } else { nil }
    }

    private static func answer(_ values: [Int: Value], _ field: some RawRepresentable<Int>) -> String? {
        if case .given(let words) = OptionalAnswer(values[field.rawValue] ?? .null), !words.isEmpty {
            words
        } else {
            nil
        }
    }

    private static func day(_ values: [Int: Value], _ field: some RawRepresentable<Int>) -> CivilDate? {
        text(values, field).flatMap { ParsedDate(stored: $0)?.date }
    }

    // MARK: The page

    /// The journey as a report, for the terminal or a page.
    ///
    /// - Parameters:
    ///   - leftOutCount: how many texts were taken out before.
    ///   - today: the day of the page.
    package func report(leftOutCount: Int, today: CivilDate) -> Report {
        var report = Report(title: "\(name): the way so far", subtitle: "Made on \(today.inWords).")
        if !brings.isEmpty {
            report.add(
                rows: brings.map { [$0.label, $0.words] }, "What \(name) brings", columns: ["What", "In words"])
        }
        var path = Report.Section(
            "Step by step",
            lead: steps.isEmpty ? "Nothing is recorded yet: every way begins with one conversation." : "")
        let places = Dictionary(
            steps.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let drawn = steps.enumerated().map { index, step in
            let from = step.cameFrom.flatMap { places[$0] }
            return Report.Step(
                day: step.day.map(Self.short) ?? "", title: step.title, lines: step.lines,
                from: from.flatMap { $0 < index ? $0 : nil })
        }
        if !drawn.isEmpty { path.chart = .path(drawn) }
        path.columns = ["When", "What", "In words", "Led on from"]
        path.rows = steps.map { step in
            let from = step.cameFrom.flatMap { places[$0] }.map { steps[$0].title } ?? ""
            return [step.day?.inWords ?? "", step.title, step.lines.joined(separator: "\n"), from]
        }
        report.sections.append(path)
        if gatheringCount > 0 {
            report.remarks.append(
                "\(name) took part in \(gatheringCount) \(gatheringCount == 1 ? "visit or meeting" : "visits and meetings")."
            )
        }
        if leftOutCount > 0 { report.remarks.append(Report.leftOut(leftOutCount)) }
        return report
    }

    private static func short(_ day: CivilDate) -> String {
        "\(day.day) \(CivilDate.monthNames[day.month - 1].prefix(3)) \(day.year)"
    }
}
