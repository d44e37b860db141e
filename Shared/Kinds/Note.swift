/// The numbers of the fields of a note.
package enum NoteField: Int, CaseIterable, Sendable {
    case aboutTable = 1
    case about = 2
    case text = 3
    case corrects = 4
}

extension RecordKind {
    /// Words about any record; one that corrects another is shown in its place, and both stay what they are.
    package static let note = RecordKind(
        OutreachSchema.Number.note, "note", plural: "notes", title: NoteField.text,
        list: [NoteField.about, .text],
        entry: EntryForm(
            [NoteField.text], summary: "Add a note about a record.",
            example: "kith note f3kq7xzm \"Asked about the garden group.\""),
        fields: [
            FieldDescription(NoteField.aboutTable, "about_table", "About a", .table, isRequired: true),
            FieldDescription(NoteField.about, "about", "About", .anyReference, isRequired: true),
            FieldDescription(NoteField.text, "text", "Text", .text, isRequired: true),
            FieldDescription(NoteField.corrects, "corrects", "Corrects", .reference(OutreachSchema.Number.note)),
        ])
}
