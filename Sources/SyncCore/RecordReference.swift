/// Which record is meant: its table and its id.
package struct RecordReference: Hashable, Sendable {
    package let table: Int
    package let id: RecordID

    package init(table: Int, id: RecordID) {
        self.table = table
        self.id = id
    }

    /// The random half of the id tells records apart well enough, and thousands are counted in each sync.
    package func hash(into hasher: inout Hasher) { hasher.combine(id.low) }
}
