/// Keeps out of files for many what few may read: a note about a concern tells as much as the concern.
final class RestrictionGuard {
    private let asked: RecordKind?
    private let letsThrough: Bool
    private var counts: [RecordKind: Int] = [:]

    /// - Parameters:
    ///   - asked: the kind that the export is of; nil for all of them.
    ///   - letsThrough: whether those of that kind go along that few may read.
    init(_ asked: RecordKind?, letsThrough: Bool) {
        self.asked = asked
        self.letsThrough = letsThrough
    }

    /// How many were left out of what was asked for, by kind.
    var leftOut: [(kind: RecordKind, count: Int)] {
        RecordKind.all.compactMap { kind in counts[kind].map { (kind, $0) } }
    }

    /// Whether a record may go into the export; a kind that few may read is exported by its own name alone.
    func lets(_ row: ExportRow, of kind: RecordKind) -> Bool {
        if kind == asked, kind.isRestricted || letsThrough { return true }
        guard row.isRestricted(as: kind) else { return true }
        // Others are read for the names beside ids, several times.
        if asked == nil || kind == asked { counts[kind, default: 0] += 1 }
        return false
    }
}
