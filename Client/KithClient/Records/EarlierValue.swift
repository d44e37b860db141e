import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// A value that a field had, or that was not kept: written again it is an edit like any other, of whoever may edit.
struct EarlierValue {
    let record: StoredRecord
    /// The number of the field.
    let field: Int
    let value: Value
    /// What is shown where the value can't be written again.
    let next: String

    /// The option of commands that bring a value back.
    static let below = CommandOption.flag("below", "Put the words under those that stand there, so that both stay.")

    /// Writes the value, over what this laptop holds now.
    ///
    /// - Parameter isBelow: whether what stands there stays, and the words come below it.
    /// - Returns: whether something was saved.
    func write(isBelow: Bool, _ context: ClientContext) throws -> Bool {
        let kind = record.kind
        let saving = RecordSaving(context: context)
        try saving.checkMayWrite(kind)
        guard let seen = try context.laptop().replica.snapshot(table: kind.number, record: record.id) else {
            throw refused("The record is not on this laptop.")
        }
        guard record.isLiving else {
            throw refused("The record is deleted.", next: "kith \(kind.name) restore \(ShortID.display(record.id))")
        }
        guard let field = kind.field(field), !kind.identityFields.contains(field.number) else {
            throw refused("That field can't be written by this version, or not by hand.")
        }
        let standing = record.values[field.number] ?? .null
        let value = isBelow ? try Self.below(standing, value, field) : value
        guard value != standing else {
            try context.console.show("Nothing to change: it says so already.")
            return false
        }
        try saving.check(kind, record.values.merging([field.number: value]) { $1 }, changed: [field.number])
        try OpportunityChain(context: context).check(record, changed: [field.number: value])
        let done: Void? = try saving.save { work in
            try work.edit(table: kind.number, record: record.id, values: [(field.number, value)], seen: seen)
        }
        return done != nil
    }

    /// The words that stand, an empty line, the other words.
    private static func below(
        _ standing: Value, _ other: Value, _ field: FieldDescription
    ) throws(CommandFailure) -> Value {
        guard case .text(let lower) = other, field.form.words.isEmpty, field.form != .time else {
            throw CommandFailure(exitCode: .usage, message: "--below is for texts alone. Nothing was saved.")
        }
        guard case .text(let upper) = standing, !upper.isEmpty else { return other }
        return .text("\(upper)\n\n\(lower)")
    }

    private func refused(_ message: String, next other: String? = nil) -> CommandFailure {
        CommandFailure(exitCode: .notFound, message: "\(message) Nothing was changed.", next: other ?? next)
    }
}
