/// The numbers of the fields of a resource.
package enum ResourceField: Int, CaseIterable, Sendable {
    case kind = 1
    case kindOther = 2
    case title = 3
    case text = 4
    case tags = 5
    case source = 6
}

extension RecordKind {
    /// The kinds of resources.
    package static let resourceKinds = [
        "best_practice", "training", "codesign_toolkit", paymentThresholds, Words.other,
    ]
    /// The kind of the resources that say from which amounts on a payment needs a conversation.
    package static let paymentThresholds = "payment_thresholds"

    /// Something to read in the library, written by the office for everyone.
    package static let resource = RecordKind(
        OutreachSchema.Number.resource, "resource", plural: "resources", title: ResourceField.title,
        list: [ResourceField.title, .kind, .tags],
        entry: EntryForm(
            [ResourceField.title], asked: [.kind], summary: "Add something to read to the library; admins only.",
            example: "kith resource add \"House meetings\" --kind best_practice --text - < meetings.txt"),
        fields: [
            FieldDescription(ResourceField.kind, "kind", "Kind", .words(resourceKinds)),
            FieldDescription(ResourceField.kindOther, "kind_other", "Kind in own words", .text),
            FieldDescription(ResourceField.title, "title", "Title", .text, isRequired: true),
            FieldDescription(ResourceField.text, "text", "Text", .text),
            FieldDescription(ResourceField.tags, "tags", "Tags", .text),
            FieldDescription(ResourceField.source, "source", "Where it comes from", .text),
        ])
}
