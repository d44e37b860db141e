import Database
import OutreachModel
import SyncCore

/// Which notes a later one stands for: they are left out of lists, and nothing of them is lost.
///
/// A note that was corrected is shown again once what corrects it is deleted. Two that correct each other, as two laptops
/// can write them, are both shown: neither hides the other.
struct CorrectedNotes {
    /// What each living note corrects.
    private let corrects: [RecordID: RecordID]
    private let correctors: [RecordID: [RecordID]]

    init(_ reader: RecordReader) throws {
        let links = try reader.references(.note, field: NoteField.corrects.rawValue)
        corrects = Dictionary(links.map { ($0.id, $0.target) }, uniquingKeysWith: { $1 })
        correctors = Dictionary(grouping: links.map(\.id)) { [corrects] in corrects[$0] ?? $0 }
    }

    /// The note that stands for this one; nil where it stands for itself.
    func corrector(of note: RecordID) -> RecordID? { correctors[note]?.first { !leads(from: note, to: $0) } }

    /// Whether a note corrects another one, itself or by those that it corrects.
    private func leads(from note: RecordID, to other: RecordID) -> Bool {
        var current = note
        for _ in 0...corrects.count {
            guard let next = corrects[current] else { return false }
            if next == other { return true }
            current = next
        }
        return false
    }
}
