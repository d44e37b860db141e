import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith visit show ID` and its like: every field, who took part, and the notes.
struct RecordShow {
    let kind: RecordKind

    static func command(_ kind: RecordKind) -> Command<ClientContext> {
        Command(
            name: "show", summary: "Show all of \(kind.withArticle), with notes.",
            example: "kith \(kind.name) show \(RecordEdit.exampleID(kind))",
            arguments: [RecordCommands.idArgument(kind)],
            run: { arguments, context in try RecordShow(kind: kind).run(arguments, context) })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let record = try context.finder().find(kind, id: arguments.argument("id") ?? "")
        let presenter = try RecordPresenter(context)
        let parts = try attendances(of: record, context)
        let notes = try context.reader().records(.note, where: "about = ?1", [.blob(record.id.bytes)])
        if context.isJSON {
            try context.console.show(try json(record, parts, notes, presenter, context))
            return
        }
        let console = context.console
        try console.showHeading(try presenter.title(of: record))
        try console.show("Id: \(record.id)")
        for field in record.kind.fields {
            let text = try presenter.text(record, field)
            if !text.isEmpty { try console.showText("\(field.label): \(text)") }
        }
        for part in parts { try console.show("With: \(try words(part, presenter))") }
        for note in notes {
            try console.showText("Note, \(try signature(note, presenter, context)): \(note.text(NoteField.text) ?? "")")
        }
        let writer = try presenter.writer(record.created.device)
        try console.show("Recorded by: \(writer.person) on \(writer.device)")
        try console.show("Area: \(try presenter.areaName(record.area))")
        try console.show("State: \(try presenter.state(of: record))")
        let reference = RecordReference(table: kind.number, id: record.id)
        for group in try context.laptop().replica.heldGroups(of: reference) {
            try console.show(
                "Held for checking: \(SyncReport.words(group.reason)). See it: kith held show \(group.number)")
        }
    }

    private func attendances(of record: StoredRecord, _ context: ClientContext) throws -> [StoredRecord] {
        switch record.kind.number {
        case OutreachSchema.Number.visit, OutreachSchema.Number.meeting:
            try context.reader().records(.attendance, where: "\"\(record.kind.name)\" = ?1", [.blob(record.id.bytes)])
        default: []
        }
    }

    private func words(_ part: StoredRecord, _ presenter: RecordPresenter) throws -> String {
        let fields = [AttendanceField.person, .tookPartAs].compactMap { part.kind.field($0.rawValue) }
        return try fields.map { try presenter.text(part, $0) }.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private func signature(
        _ note: StoredRecord, _ presenter: RecordPresenter, _ context: ClientContext
    ) throws -> String {
        let moment = context.local.moment(atMilliseconds: note.created.milliseconds)
        let when = ParsedDate.moment(moment).echo(in: context.local)
        return "\(try presenter.writer(note.created.device).person), \(when)"
    }

    private func json(
        _ record: StoredRecord, _ parts: [StoredRecord], _ notes: [StoredRecord], _ presenter: RecordPresenter,
        _ context: ClientContext
    ) throws -> JSONValue {
        guard case .object(var members) = try presenter.json(record) else { return .null }
        members.append(.init("with", .array(try parts.map { try presenter.json($0) })))
        let shown = try notes.map { note -> JSONValue in
            let writer = try presenter.writer(note.created.device)
            let at = context.local.moment(atMilliseconds: note.created.milliseconds).description
            return [
                "id": .string(note.id.description), "text": JSONValue(note.text(NoteField.text)),
                "person": .string(writer.person), "device": .string(writer.device), "at": .string(at),
            ]
        }
        members.append(.init("notes", .array(shown)))
        return .object(members)
    }
}
