import SyncCore
import Tabular

/// One import: reads a file row by row and keeps its rows in groups, each as a whole or not at all.
///
/// It can be run again at any time: rows that are here already are left as they are.
package final class ImportRun {
    /// The most rows in one group; a row may need a second change for a new place.
    package static let largestGroupRows = 500
    /// The size of a group in bytes from which on it is kept; well below what one page of a sync may hold.
    static let largestGroupBytes = 192 << 10

    /// How many rejected rows are told of where there is room for few.
    package static let shownRejectedCount = 3

    /// How a record is told from others.
    private struct Identity {
        var id: RecordID
        var externalID: String?
        /// Of this row's content, as it is compared within the file.
        var content: UInt64
    }

    private struct Pending {
        var row: TableRow
        var planned: PlannedRow
        var identity: Identity
    }

    private enum Outcome {
        case imported, updated, unchanged
        case rejected(String)
    }

    /// What became of the rows so far; after an error, of those that are kept.
    package private(set) var result = ImportResult()
    /// The first rejected rows and why, at most `shownRejectedCount`.
    package private(set) var firstRejected: [(line: Int, reason: String)] = []
    /// How the file is written, for people.
    package var fileWords: String { file.words }

    private let request: ImportRequest
    private let file: TableFile
    private let store: any ImportStore
    private let area: Int
    private let placesArea: Int
    private let hash: Hash128
    private let plan: ImportPlan
    private let dates: DateCellReader
    private let signature: [UInt8]
    private let places = RecordNames()
    private let visitKind: Int?
    private var seen = SeenRows(count: 0)
    private var pending: [Pending] = []
    private var pendingBytes = 0
    private var rejected: [(row: TableRow, reason: String)] = []
    private let rejects: RejectsFile
    private var scratch: [UInt8] = []

    /// Reads what the header says and plans the import.
    ///
    /// - Parameters:
    ///   - area: the area of new records.
    ///   - placesArea: the area of new places.
    ///   - hash: the 128-bit hash of the engine.
    ///   - now: milliseconds since 1970.
    /// - Throws: `ImportError` where the request does not fit the file, `TabularError` where it is no table.
    package init(
        _ request: ImportRequest, store: any ImportStore, area: Int, placesArea: Int, hash: Hash128, local: LocalTime,
        now: Int64
    ) throws {
        self.request = request
        let file = try TableFile(path: request.path, encoding: request.encoding)
        self.file = file
        self.store = store
        self.area = request.kind.number == OutreachSchema.Number.place ? placesArea : area
        self.placesArea = placesArea
        self.hash = hash
        var first: TableRow?
        try file.forEachRow { row in
            if !row.isBlank { first = row }
            return first == nil
        }
        let plan = try ImportPlan(request, columns: file.columns, first: first)
        self.plan = plan
        dates = DateCellReader(order: request.dateOrder, local: local, now: now)
        signature = plan.signature
        rejects = RejectsFile(besides: file.path, columns: plan.contentColumns.map { plan.columns[$0] })
        let isVisit = request.kind.number == OutreachSchema.Number.visit
        let kindField = isVisit ? VisitField.kind.rawValue : nil
        visitKind = plan.targets.contains { $0.field.number == kindField } ? nil : kindField
    }

    /// Imports all rows.
    ///
    /// The whole file is looked through before anything is kept, so that a file that is no table changes nothing.
    /// - Parameters:
    ///   - isDryRun: tries everything and keeps nothing.
    ///   - progress: told now and then how many rows are done, and of how many.
    /// - Throws: what the store throws; `result` then says what is kept.
    package func run(isDryRun: Bool, progress: (_ done: Int, _ of: Int) throws -> Void) throws -> ImportResult {
        let count = try lookThrough()
        seen = SeenRows(count: count)
        let reader = try makeReader()
        var read = 0
        try file.forEachRow { row in
            read += 1
            guard read <= count else { throw TabularError.changed(path: file.path) }
            try take(row, reader)
            if pending.count + rejected.count >= Self.largestGroupRows || pendingBytes >= Self.largestGroupBytes {
                try keep(isDryRun: isDryRun)
                try progress(result.rows, count)
            }
            return true
        }
        try keep(isDryRun: isDryRun)
        try file.checkUnchanged()
        if isDryRun { rejects.discard() } else { result.rejects = try rejects.finish() }
        return result
    }

    // MARK: Before

    /// Counts the rows and looks for dates with two readings.
    private func lookThrough() throws -> Int {
        var count = 0
        let columns = plan.targets.compactMap { target -> Int? in
            guard target.field.form == .time, case .column(let column) = target.source else { return nil }
            return column
        }
        try file.forEachRow { row in
            count += 1
            for column in columns where dates.isAmbiguous(TableFile.trimmed(row.text(column))) {
                throw ImportError.ambiguousDate(column: plan.columns[column], line: row.line)
            }
            return true
        }
        try file.checkUnchanged()
        return count
    }

    private func makeReader() throws -> RowReader {
        let people = RecordNames()
        let tables = plan.targets.compactMap(\.field.form.referredTable)
        if tables.contains(OutreachSchema.Number.place) {
            try store.forEachRecord(.place) { id, values in
                guard case .text(let name)? = values[PlaceField.name.rawValue] else { return }
                var district: String?
                if case .text(let text)? = values[PlaceField.district.rawValue] { district = text }
                places.add(id, name: name, district: district, kind: values[PlaceField.kind.rawValue] ?? .null)
            }
        }
        if tables.contains(OutreachSchema.Number.person) {
            try store.forEachRecord(.person) { id, values in
                guard case .text(let name)? = values[PersonField.name.rawValue] else { return }
                people.add(id, name: name, district: nil, kind: .null)
            }
        }
        let (hash, area) = (hash, placesArea)
        return try RowReader(
            plan, cells: CellReader(dates: dates, isExact: plan.isExact), isCSV: file.format != .jsonLines,
            createsPlaces: request.createsPlaces, places: places, people: people,
            makePlaceID: { name, district in
                let key = "place\u{1F}\(area)\u{1F}\(TextMatch.key(name))\u{1F}\(TextMatch.key(district))"
                return Self.recordID(hash(Array(key.utf8)))
            })
    }

    // MARK: Rows

    private func take(_ row: TableRow, _ reader: RowReader) throws {
        if row.isBlank {
            result.blank += 1
            return
        }
        do throws(RowProblem) {
            let planned = try reader.read(row)
            if let reason = problem(Dictionary(planned.values.map { ($0.field, $0.value) }) { $1 }) {
                throw RowProblem(reason)
            }
            guard let identity = try identity(of: row, reader) else { return }
            if let place = planned.newPlace { addName(of: place) }
            pending.append(Pending(row: row, planned: planned, identity: identity))
            pendingBytes += row.bytes.count + 64 * planned.values.count
        } catch {
            rejected.append((row, error.reason))
        }
    }

    private func addName(of place: NewPlace) {
        var name = ""
        var district: String?
        for (field, value) in place.values {
            guard case .text(let text) = value else { continue }
            if field == PlaceField.name.rawValue { name = text } else { district = text }
        }
        places.add(place.id, name: name, district: district, kind: .null)
    }

    /// How the row's record is told from others; nil for a row that says the same as an earlier one with its id.
    private func identity(of row: TableRow, _ reader: RowReader) throws(RowProblem) -> Identity? {
        scratch.removeAll(keepingCapacity: true)
        for column in plan.contentColumns {
            scratch += row.cell(column)
            scratch.append(0x1F)
        }
        let whole = hash(scratch)
        let content = UInt64(truncatingIfNeeded: whole >> 64)
        if let column = plan.idColumn, !row.cell(column).isEmpty {
            guard let id = RecordID(row.text(column)) else { throw RowProblem("“id” is not the id of a record.") }
            let key = id.low ^ id.high &* 0x9E37_79B9_7F4A_7C15
            guard try note(key, row, content) else { return nil }
            return Identity(id: id, content: content)
        }
        if let column = plan.externalIDColumn, case let text = reader.text(row, column), !text.isEmpty {
            let id = hash(identityBytes(1, Array(text.utf8)))
            guard try note(UInt64(truncatingIfNeeded: id), row, content) else { return nil }
            return Identity(id: Self.recordID(id), externalID: text, content: content)
        }
        let key = UInt64(truncatingIfNeeded: whole)
        let occurrence = 1 + (seen.row(key)?.line ?? 0)
        seen.note(key, SeenRows.Row(line: occurrence, content: content))
        let id = hash(identityBytes(2, scratch + Array("#\(occurrence)".utf8)))
        return Identity(id: Self.recordID(id), content: content)
    }

    /// Notes an id; false where an earlier row has it and says the same.
    private func note(_ key: UInt64, _ row: TableRow, _ content: UInt64) throws(RowProblem) -> Bool {
        if let earlier = seen.row(key) {
            guard earlier.content == content else {
                throw RowProblem("Lines \(earlier.line) and \(row.line) have the same id and differ; the first stays.")
            }
            result.unchanged += 1
            return false
        }
        seen.note(key, SeenRows.Row(line: row.line, content: content))
        return true
    }

    /// What an id is made from: the same row gives the same record on every device, so that nothing is doubled.
    private func identityBytes(_ sort: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        Array("\(request.kind.name)\u{1F}\(area)\u{1F}".utf8) + [sort] + bytes
    }

    private static func recordID(_ hash: UInt128) -> RecordID {
        RecordID(milliseconds: 0, random: (UInt64(truncatingIfNeeded: hash >> 64), UInt64(truncatingIfNeeded: hash)))
    }

    // MARK: Groups

    /// Keeps the rows that wait, as one group, and writes down those that were rejected.
    private func keep(isDryRun: Bool) throws {
        var outcomes: [Outcome] = []
        if !pending.isEmpty {
            try file.checkUnchanged()
            try store.write(request.kind, isDryRun: isDryRun) { group in
                outcomes.removeAll()
                for pending in pending { outcomes.append(try keep(pending, in: &group)) }
            }
        }
        for (pending, outcome) in zip(pending, outcomes) {
            switch outcome {
            case .imported: result.imported += 1
            case .updated: result.updated += 1
            case .unchanged: result.unchanged += 1
            case .rejected(let reason): rejected.append((pending.row, reason))
            }
        }
        pending.removeAll(keepingCapacity: true)
        pendingBytes = 0
        rejected.sort { $0.row.line < $1.row.line }
        for (row, reason) in rejected {
            result.rejected += 1
            if firstRejected.count < Self.shownRejectedCount { firstRejected.append((row.line, reason)) }
            if !isDryRun { try rejects.add(row, reason: reason) }
        }
        rejected.removeAll(keepingCapacity: true)
    }

    private func keep(_ pending: Pending, in group: inout any ImportGroup) throws -> Outcome {
        let kind = request.kind
        let values = pending.planned.values
        var id = pending.identity.id
        if let externalID = pending.identity.externalID {
            id = try group.recordID(externalID: externalID) ?? id
        }
        guard let state = try group.record(kind, id: id) else {
            return try create(id, pending, in: &group)
        }
        let changed = values.filter { state.field($0.field).value != $0.value }
        let content = signed(pending.identity.content)
        if state.isLiving {
            if changed.isEmpty { return .unchanged }
            // The row says what it said before: whatever is here now was written by somebody since.
            if !plan.isExact, try group.content(of: id) == content { return .unchanged }
        }
        var merged: [Int: Value] = [:]
        for field in state.fields { merged[field.number] = field.value }
        for (field, value) in values { merged[field] = value }
        // Later rows may name the place, whatever becomes of this one.
        if let place = pending.planned.newPlace { try add(place, in: &group) }
        if let reason = problem(merged) { return .rejected(reason) }
        try group.edit(kind, state, values: changed, restores: !state.isLiving)
        try group.keep(content: content, of: id)
        return state.isLiving ? .updated : .imported
    }

    private func create(_ id: RecordID, _ pending: Pending, in group: inout any ImportGroup) throws -> Outcome {
        var values = pending.planned.values.filter { $0.value != .null }
        if let visitKind, let kind = pending.planned.placeKind, kind != .null { values.append((visitKind, kind)) }
        if let place = pending.planned.newPlace { try add(place, in: &group) }
        try group.create(request.kind, id: id, area: area, values: values)
        try group.keep(content: signed(pending.identity.content), of: id)
        return .imported
    }

    private func problem(_ values: [Int: Value]) -> String? {
        let problems = request.kind.validate(values: values)
        return problems.isEmpty ? nil : problems.map(\.description).joined(separator: " ")
    }

    private func add(_ place: NewPlace, in group: inout any ImportGroup) throws {
        guard let state = try group.record(.place, id: place.id) else {
            return try group.create(.place, id: place.id, area: placesArea, values: place.values)
        }
        guard !state.isLiving else { return }
        try group.edit(.place, state, values: [], restores: true)
    }

    /// What a row says and what is made of it, as one number.
    private func signed(_ content: UInt64) -> UInt64 {
        var bytes = signature
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: content >> UInt64(shift)))
        }
        return UInt64(truncatingIfNeeded: hash(bytes))
    }
}
