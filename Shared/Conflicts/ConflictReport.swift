import SyncCore

/// A conflict as both programs show it: every side named by person, device and time.
package struct ConflictReport: Sendable {
    /// Who holds a device: its name and its person, by the number in stamps.
    package typealias Staff = (_ device: UInt32) -> (device: String, person: String)

    /// One of the two values.
    package struct Side: Sendable {
        /// What was written; nil where this side deleted the record.
        package let value: Value?
        /// Who wrote it.
        package let person: String
        /// The name of the device that it was written on.
        package let device: String
        /// RFC 3339 with the offset of the local zone.
        package let at: String
        /// The time as a person reads it.
        package let when: String
        /// When it came to the office, as a person reads it, where that is known here and was long after it was written.
        package let lateArrival: String?
    }

    /// The conflict itself.
    package private(set) var conflict: Conflict
    /// The text form of the conflict's id: 26 letters.
    package let id: String
    /// The name of the table: `visit`.
    package let table: String
    /// The column, or `exists` for deletes and restores.
    package let field: String
    /// The side with the smaller stamp.
    package let a: Side
    /// The side with the greater stamp.
    package let b: Side
    /// Whether somebody must decide because the field's policy says so; such conflicts stand on top.
    package let needsDecision: Bool
    /// What stands in the record, where it is neither side; nil where it is one of them, or is not known.
    package let now: Side?
    /// Who decided it last, or opened it again; nil while nobody has.
    package private(set) var verdict: Side?
    /// Who wrote what stands now after it was settled; nil where the decision stands, or that is not known.
    package let since: Side?
    /// Whether it is known which value stands.
    let isStandingKnown: Bool
    private let local: LocalTime

    /// Prepares a conflict for showing.
    ///
    /// - Parameters:
    ///   - record: the record as it is here; nil where it is not here.
    ///   - staff: names for device numbers.
    ///   - local: the zone that times are told in.
    ///   - arrivals: when the sides came to the office, in milliseconds since 1970, where that is known.
    package init(
        _ conflict: Conflict, in record: RecordState?, staff: Staff, local: LocalTime,
        arrivals: (a: Int64?, b: Int64?) = (nil, nil)
    ) {
        self.conflict = conflict.standing(in: record)
        self.local = local
        id = Self.text(of: conflict.id)
        let kind = RecordKind.of(table: conflict.table)
        table = kind?.name ?? "table_\(conflict.table)"
        field = Self.fieldName(table: conflict.table, field: conflict.field)
        needsDecision = kind?.field(conflict.field)?.field.policy == .needsDecision
        func side(_ side: Conflict.Side, _ arrival: Int64?) -> Side {
            let writer = staff(side.stamp.device)
            let moment = local.moment(atMilliseconds: side.stamp.milliseconds)
            return Side(
                value: side.value, person: writer.person, device: writer.device, at: moment.description,
                when: ParsedDate.moment(moment).echo(in: local),
                lateArrival: LateArrival.echo(arrival, of: side.stamp, in: local))
        }
        a = side(conflict.a, arrivals.a)
        b = side(conflict.b, arrivals.b)
        verdict = conflict.verdict.map { side(Conflict.Side(value: nil, stamp: $0.stamp), nil) }
        since = conflict.writtenSince(in: record).map { side($0, nil) }
        switch conflict.standingValue(in: record) {
        case .side: (now, isStandingKnown) = (nil, true)
        case .other(let value): (now, isStandingKnown) = (side(value, nil), true)
        case .unknown: (now, isStandingKnown) = (nil, false)
        }
    }

    /// The same without who decided it.
    package var withoutDecision: ConflictReport {
        var report = self
        report.verdict = nil
        report.conflict.verdict = nil
        return report
    }

    /// The text form of a conflict's id: that of a record id with the same bits.
    package static func text(of id: UInt128) -> String {
        RecordID(high: UInt64(truncatingIfNeeded: id >> 64), low: UInt64(truncatingIfNeeded: id)).description
    }

    /// The column's name, `exists` for the reserved field of deletes and restores.
    package static func fieldName(table: Int, field: Int) -> String {
        if field == Field.existence { return "exists" }
        return RecordKind.of(table: table)?.field(field)?.name ?? "field_\(field)"
    }

    /// The word of the side that stands: `a` or `b`; where neither does, of the one that the merge kept.
    package var kept: String { conflict.kept == .a ? "a" : "b" }

    /// `open` or `resolved`; a withdrawn conflict counts as resolved.
    package var status: String { conflict.status == .open ? "open" : "resolved" }

    /// Puts conflicts that need a decision first, then open ones, then the newest first.
    package static func sorted(_ reports: [ConflictReport]) -> [ConflictReport] {
        func rank(_ report: ConflictReport) -> Int {
            report.conflict.status != .open ? 2 : report.needsDecision ? 0 : 1
        }
        return reports.sorted { left, right in
            if rank(left) != rank(right) { return rank(left) < rank(right) }
            if left.conflict.b.stamp != right.conflict.b.stamp { return left.conflict.b.stamp > right.conflict.b.stamp }
            return left.conflict.id < right.conflict.id
        }
    }
}

extension ConflictReport {
    /// One JSON object on one line, the same in both programs; `kept` is null where neither side stands, or nobody knows.
    package var json: String {
        var pairs = [
            ("id", JSONText.quoted(id)), ("table", JSONText.quoted(table)),
            ("record", JSONText.quoted(conflict.record.description)), ("field", JSONText.quoted(field)),
            ("before", Self.json(conflict.before, field: conflict.field)), ("a", json(a)), ("b", json(b)),
            ("kept", keptWord.map(JSONText.quoted) ?? "null"), ("status", JSONText.quoted(status)),
        ]
        if let now { pairs.append(("now", json(now))) }
        if let verdict {
            pairs += [("decided_by", JSONText.quoted(verdict.person)), ("decided_at", JSONText.quoted(verdict.at))]
        }
        if let why = conflict.verdict?.why { pairs.append(("why", JSONText.quoted(why))) }
        if let since { pairs.append(("since", json(since))) }
        return Self.object(pairs)
    }

    /// A JSON array with one object for each report.
    package static func json(_ reports: [ConflictReport]) -> String {
        "[" + reports.map(\.json).joined(separator: ",") + "]"
    }

    private func json(_ side: Side) -> String {
        let value = side.value.map { ("value", Self.json($0, field: conflict.field)) } ?? ("deleted", "true")
        return Self.object([
            value, ("person", JSONText.quoted(side.person)), ("device", JSONText.quoted(side.device)),
            ("at", JSONText.quoted(side.at)),
        ])
    }

    /// A value as JSON: ids in their text form, existence as true or false.
    package static func json(_ value: Value, field: Int) -> String {
        switch value {
        case .integer(let number) where field == Field.existence: number == 0 ? "false" : "true"
        case .blob(let bytes): RecordID(bytes: bytes).map { JSONText.quoted($0.description) } ?? JSONText.value(value)
        default: JSONText.value(value)
        }
    }

    private static func object(_ pairs: [(String, String)]) -> String {
        "{" + pairs.map { "\(JSONText.quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }
}

extension ConflictReport {
    /// The conflict for people to read, a line for each fact; not escaped for terminals.
    ///
    /// - Parameters:
    ///   - title: what the record is called, such as the place and the day.
    ///   - names: gives the name of a referenced record.
    package func lines(title: String, names: (RecordID) -> String?) -> [String] {
        var lines = ["\(title): \(label)"]
        for (word, side) in [("a", a), ("b", b)] {
            let what = side.value.map { words($0, names) } ?? "deleted the record"
            lines.append(
                "  \(word)  \(side.person) on \(side.device), \(side.when)\(isKept(word) ? " (kept)" : ""): \(what)")
            if let when = side.lateArrival { lines.append("     at the office since \(when)") }
        }
        if conflict.field != Field.existence { lines.append("  before: \(words(conflict.before, names))") }
        if let now, let value = now.value {
            lines.append("  now: \(words(value, names)), by \(now.person) on \(now.device), \(now.when)")
        }
        lines += verdictLines
        if conflict.status == .withdrawn { lines.append("  no choice is needed: one of the two had seen the other") }
        return lines
    }

    /// What the conflict is about, for people.
    var label: String { conflict.field == Field.existence ? "Deleted or not" : known?.label ?? field }

    /// Who decided it last or opened it again, when and why; nothing while nobody has.
    var verdictLines: [String] {
        guard let said = conflict.verdict, let verdict else { return [] }
        let what = said.action == .resolve ? "resolved" : "reopened"
        let line = "  \(what) by \(verdict.person), \(verdict.when)" + (said.why.map { ": \($0)" } ?? "")
        return [line] + (since.map { ["  what stands now is by \($0.person), \($0.when), after that"] } ?? [])
    }

    /// Whether a side deleted the record.
    package func deletes(_ side: Side) -> Bool {
        side.value == nil || conflict.field == Field.existence && side.value == .integer(0)
    }

    /// The word of the side that stands; nil where neither does, or where it is not known any more.
    private var keptWord: String? { isKept(kept) ? kept : nil }

    /// Whether a side is the one that stands; where that is not known, the one that the merge kept until somebody decided.
    private func isKept(_ word: String) -> Bool {
        guard word == kept, now == nil else { return false }
        return isStandingKnown || conflict.status == .open && conflict.verdict == nil
    }

    func words(_ value: Value, _ names: (RecordID) -> String?) -> String {
        switch value {
        case .null: return "(nothing)"
        case .integer(let number) where conflict.field == Field.existence:
            return number == 0 ? "deleted the record" : "restored the record"
        case .text(let text) where known?.form.words.isEmpty != false && known?.form != .time: return "\"\(text)\""
        case .blob(let bytes):
            guard let id = RecordID(bytes: bytes) else { return "\(bytes.count) bytes" }
            return names(id) ?? id.description
        default: return known?.shown(value, in: local) ?? JSONText.value(value)
        }
    }

    private var known: FieldDescription? { RecordKind.of(table: conflict.table)?.field(conflict.field) }
}
