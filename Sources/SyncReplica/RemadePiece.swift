import SyncCore

/// What the held groups did to one record.
struct RemadePiece {
    /// The last word on one field.
    struct Written {
        let value: Value
        let number: Int64
        let time: UInt64
        /// Whether it lies over the row, unless later work has written there.
        let isShown: Bool
    }

    let table: Int
    let record: RecordID
    /// Where the record belongs, if the groups make it.
    var area: Int?
    var fields: [Int: Written] = [:]
    var existence: (change: ExistenceChange, isShown: Bool)?
    var decisions: [Decision] = []
    var isShown = false

    init(table: Int, record: RecordID) {
        self.table = table
        self.record = record
    }

    mutating func add(_ change: Change, of part: HeldSelection.Part) {
        let isShown = part.state == .held || part.state == .waiting
        if isShown { self.isShown = true }
        if let creation = change.creation { area = creation.area }
        for field in change.fields {
            fields[field.field] = Written(
                value: field.value, number: part.number, time: field.time, isShown: isShown)
        }
        if let existence = change.existence { self.existence = (existence, isShown) }
        decisions += change.decisions
    }
}
