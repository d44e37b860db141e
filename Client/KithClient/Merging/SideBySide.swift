import OutreachModel
import SyncCore
import Terminal

/// Two records of a kind beside each other, for whoever decides whether they are one.
struct SideBySide {
    private let left: StoredRecord
    private let right: StoredRecord
    private let presenter: RecordPresenter
    private let context: ClientContext

    init(_ left: StoredRecord, _ right: StoredRecord, _ presenter: RecordPresenter, _ context: ClientContext) {
        self.left = left
        self.right = right
        self.presenter = presenter
        self.context = context
    }

    /// A row for each field that one of the two has, and what belongs to each.
    func table() throws -> Terminal.Table {
        let identity = left.kind.identityFields
        var rows: [[String]] = []
        for field in left.kind.fields where !identity.contains(field.number) {
            let cells = try [left, right].map { RecordList.firstLine(try presenter.cell($0, field)) }
            if cells.contains(where: { !$0.isEmpty }) { rows.append([field.label] + cells) }
        }
        let both = try [KeptTogether(left, context), KeptTogether(right, context)]
        for kind in [RecordKind.visit, .meeting] {
            let counts = try both.map { try $0.gatherings(kind)?.count ?? 0 }
            if counts.contains(where: { $0 > 0 }) {
                rows.append([kind.plural.capitalizedFirst] + counts.map { "\($0)" })
            }
        }
        let notes = try both.map { try $0.notes().count }
        if notes.contains(where: { $0 > 0 }) { rows.append(["Notes"] + notes.map { "\($0)" }) }
        let writers = try [left, right].map { record in
            let moment = context.local.moment(atMilliseconds: record.created.milliseconds)
            return "\(try presenter.writer(record.created.device).person), \(moment.date)"
        }
        rows.append(["Recorded by"] + writers)
        let columns = ["Field", ShortID.display(left.id), ShortID.display(right.id)]
        var table = Terminal.Table(columns.map { .init($0) }, rows: rows)
        table.fit(on: context.console)
        return table
    }
}
