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
        let found = try RecordChoice(kind: kind, context: context).find(arguments.argument("id"))
        let presenter = try RecordPresenter(context)
        let kept = try KeptTogether(found, context)
        let record = kept.record
        let parts = try attendances(of: record, context)
        let notes = try kept.notes()
        let ties = kind == .person ? try PersonTies(kept, presenter, context) : nil
        if context.isJSON {
            try context.console.show(try json(kept, ties, parts, notes, presenter, context))
            return
        }
        let console = context.console
        if found.id != record.id {
            let name = try presenter.title(of: found)
            try console.note("\(name), \(ShortID.display(found.id)), is kept together with this \(kind.name).")
        }
        let standing = kind.isMergeable ? try presenter.standing(of: record) : ""
        try console.showHeading(try presenter.title(of: record) + standing)
        try console.show("Id: \(record.id)")
        try showFields(kept, presenter, console)
        for line in try ties?.lines() ?? [] { try console.show(line) }
        for part in parts { try console.show("With: \(try words(part, presenter))") }
        for note in notes {
            try console.showText("Note, \(try signature(note, presenter, context)): \(note.text(NoteField.text) ?? "")")
        }
        if kind == .note, let corrector = try CorrectedNotes(presenter.reader).corrector(of: record.id) {
            let name = ShortID.display(corrector)
            try console.show("Corrected by: note \(name), which is shown in its place. See it: kith note show \(name)")
        }
        try console.show("Recorded by: \(try presenter.recording(of: record))")
        try console.show(presenter.belonging(of: record))
        try console.show("State: \(try presenter.state(of: record).words)")
        for line in try ConflictPresenter(context).openLines(of: record) { try console.show(line) }
        let reference = RecordReference(table: kind.number, id: record.id)
        for group in try context.laptop().replica.heldGroups(of: reference) {
            try console.show(
                "Held for checking: \(SyncReport.words(group.reason)). See it: kith held show \(group.number)")
        }
    }

    private func showFields(_ kept: KeptTogether, _ presenter: RecordPresenter, _ console: Console) throws {
        var hasMissing = false
        let others = kept.others.map(\.record.id)
        for field in kind.fields {
            // Told below, with its area.
            if let link = kept.record.reference(field: field.number), others.contains(link) { continue }
            var text = try presenter.text(kept.record, field)
            if text.isEmpty { continue }
            if let source = kept.source(of: field) {
                text += " (\(try presenter.title(of: source)), \(ShortID.display(source.id)), says so)"
            }
            hasMissing = try hasMissing || presenter.reference(kept.record, field)?.place == .notHere
            try console.showText("\(field.label): \(text)")
        }
        for other in kept.others {
            let start = other.isMoved ? "Moved from \(try presenter.areaName(other.record.area))" : "Merged in"
            try console.show("\(start): \(try presenter.title(of: other.record)) (\(ShortID.display(other.record.id)))")
            for field in other.differing {
                try console.showText("  \(field.label): \(try presenter.text(other.record, field))")
            }
        }
        if !kept.circle.isEmpty {
            let ids = kept.circle.map(ShortID.display).joined(separator: ", ")
            try console.show("Merged in both directions: \(ids). This one stands for all, on every laptop.")
        }
        for gatherings in [RecordKind.visit, .meeting] {
            guard let (count, last) = try kept.gatherings(gatherings), count > 0 else { continue }
            let when = presenter.when(last).map { ", the last \($0)" } ?? ""
            try console.show("\(gatherings.plural.capitalizedFirst): \(count)\(when)")
        }
        guard hasMissing else { return }
        try console.note("What is not here has not arrived yet, belongs to another team, or was erased.")
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
        _ kept: KeptTogether, _ ties: PersonTies?, _ parts: [StoredRecord], _ notes: [StoredRecord],
        _ presenter: RecordPresenter,
        _ context: ClientContext
    ) throws -> JSONValue {
        guard case .object(var members) = try presenter.json(kept.record) else { return .null }
        if kind.isMergeable {
            members.append(.init("merged", .array(try kept.others.map { try presenter.json($0.record) })))
            for gatherings in [RecordKind.visit, .meeting] {
                members.append(.init(gatherings.plural, JSONValue(try kept.gatherings(gatherings)?.count ?? 0)))
            }
        }
        members += try ties?.members() ?? []
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
