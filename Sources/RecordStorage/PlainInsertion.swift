internal import Database
internal import SyncCore

/// The statement that adds many new records of one table that are plain: all their fields are known, ascend, and have the
/// stamp of the creation. Columns in which none of them has a value are left out, for each would cost nearly as much as one with values.
final class PlainInsertion {
    /// With fewer records it is not worth a statement of their own.
    static let smallestCount = 16
    /// How many such statements a table has at most; what fits none of them is added with all columns.
    static let largestFormCount = 8
    /// How many columns may stay empty.
    private static let largestSpareCount = 3

    /// The fields, ascending.
    let numbers: [Int]
    let insertion: RowInsertion
    /// Before the columns of fields: id, area, time and device of the creation, living, and the group that is pending.
    let firstField: Int
    private let fields: FieldMask
    private let meeting: RowInsertion.Meeting
    private let hasPending: Bool

    init(_ fields: FieldMask, of layout: RecordLayout, meeting: RowInsertion.Meeting, hasPending: Bool) {
        self.fields = fields
        self.meeting = meeting
        self.hasPending = hasPending
        let columns = layout.columns(in: fields)
        numbers = columns.map(\.number)
        var targets = ["id", "area", "created_time", "created_device", "living"]
        if hasPending { targets.append("pending") }
        firstField = targets.count
        targets += columns.map { RecordLayout.quoted($0.name) }
        insertion = RowInsertion(
            into: "\(layout.name) (\(targets.joined(separator: ", ")))", columnCount: targets.count, meeting: meeting)
    }

    /// Whether it serves for records with values in some fields.
    func serves(_ wanted: FieldMask, meeting: RowInsertion.Meeting, hasPending: Bool) -> Bool {
        self.meeting == meeting && self.hasPending == hasPending && wanted.bits & ~fields.bits == 0
            && (fields.bits & ~wanted.bits).nonzeroBitCount <= Self.largestSpareCount
    }

    /// The fields in which some of the records have a value; nil where they are not all plain.
    static func fields(of states: [RecordState], in layout: RecordLayout) -> FieldMask? {
        guard states.count >= smallestCount, !layout.isUnknown else { return nil }
        var fields = FieldMask()
        for state in states {
            guard state.existence == nil else { return nil }
            var last = Field.existence
            for field in state.fields {
                guard field.number > last, field.stamp == state.created, field.base == nil, layout.holds(field) else {
                    return nil
                }
                fields.insert(field.number)
                last = field.number
            }
        }
        return fields
    }
}
