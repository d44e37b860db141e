import SyncCore
import Tabular

/// One import: reads a file row by row and keeps its rows in groups, each as a whole or not at all. Rows are read and
/// planned on one thread while those before are written on the caller's.
///
/// It can be run again at any time: rows that are here already are left as they are.
package final class ImportRun {
    /// Leaves groups without keeping them.
    private struct DryRun: Error {}

    /// How many rejected rows are told of where there is room for few.
    package static let shownRejectedCount = 3

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
    /// The area of the people whom rows may name.
    private let team: Int
    private let placesArea: Int
    private let foreignIDs: ForeignIDs
    private let hash: Hash128
    private let plan: ImportPlan
    private let dates: DateCellReader
    private var keeper: RowKeeper
    private let rejects: RejectsFile

    /// Reads what the header says and plans the import.
    ///
    /// - Parameters:
    ///   - area: the area of new records.
    ///   - team: the area of the people whom rows name; that of new records where nothing is said.
    ///   - placesArea: the area of new places.
    ///   - hash: the 128-bit hash of the engine.
    ///   - now: milliseconds since 1970.
    /// - Throws: `ImportError` where the request does not fit the file, `TabularError` where it is no table.
    package init(
        _ request: ImportRequest, store: any ImportStore, area: Int, team: Int? = nil, placesArea: Int, hash: Hash128,
        local: LocalTime, now: Int64
    ) throws {
        self.request = request
        let file = try TableFile(path: request.path, encoding: request.encoding)
        self.file = file
        self.store = store
        self.area = request.kind.isForEveryone ? placesArea : area
        self.team = team ?? self.area
        self.placesArea = placesArea
        self.hash = hash
        var first: TableRow?
        try file.forEachRow { row in
            if !row.isBlank, row.problem == nil { first = row }
            return first == nil
        }
        let isCSV = file.format != .jsonLines
        let plan = try ImportPlan(request, columns: file.columns, first: first, isCSV: isCSV)
        self.plan = plan
        dates = DateCellReader(order: request.dateOrder, local: local, now: now)
        foreignIDs = ForeignIDs(area: self.area, placesArea: placesArea, hash: hash)
        keeper = RowKeeper(
            plan, area: self.area, placesArea: placesArea, foreignIDs: foreignIDs, memory: store.memory,
            teams: TeamReferences(plan, area: self.team, option: request.areaOption) { try store.areaName($0) },
            overwrites: request.overwrites)
        rejects = RejectsFile(
            besides: file.path, columns: plan.contentColumns.map { plan.columns[$0] }, columnCount: plan.columns.count,
            isCSV: isCSV)
    }

    /// Imports all rows.
    ///
    /// The whole file is looked through before anything is kept, so that a file that is no table changes nothing.
    /// - Parameters:
    ///   - isDryRun: tries everything and keeps nothing.
    ///   - progress: told now and then how many rows are done, and of how many.
    /// - Throws: what the store throws; `result` then says what is kept.
    package func run(isDryRun: Bool, progress: (_ done: Int, _ of: Int) throws -> Void) throws -> ImportResult {
        let counted = try file.largestRowCount == nil ? lookThrough() : nil
        let largestCount = file.largestRowCount ?? counted ?? 0
        let places = RecordNames()
        let planning = RowPlanning(
            file, try makeReader(places: places),
            identifier: RowIdentifier(plan, area: area, foreignIDs: foreignIDs, rowCount: largestCount, hash: hash),
            places: places, rowCount: largestCount)
        let conveyor = Conveyor { place in try planning.run(place) }
        defer { conveyor.close() }
        // The first rows are planned meanwhile.
        let count = try counted ?? lookThrough()
        if !isDryRun { try store.begin(signature) }
        do {
            while let rows = try conveyor.next() {
                try keep(rows, isDryRun: isDryRun)
                try progress(result.rows, count)
            }
            try finish(isDryRun: isDryRun)
        } catch {
            // What ended the import is what must be told; where this fails too, only a loss of power takes rows back.
            if !isDryRun { try? store.secure() }
            throw error
        }
        return result
    }

    private func finish(isDryRun: Bool) throws {
        try file.checkUnchanged()
        guard !isDryRun else { return rejects.discard() }
        result.rejects = try rejects.finish()
        try store.end()
    }

    /// The same for the same command and the same file: whoever finishes what was cut off says it again.
    private var signature: [UInt8] {
        let options =
            "\(area)|\(request.sets)|\(request.createsPlaces)|\(request.path)|\(file.version)|\(request.overwrites)"
            + "|\(request.dateOrder?.rawValue ?? "")|\(file.words)"
        return hash(plan.signature + Array(options.utf8)).bigEndianBytes
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

    private func makeReader(places: RecordNames) throws -> RowReader {
        let people = RecordNames()
        let tables = plan.targets.compactMap(\.field.form.referredTable)
        let isAny = plan.targets.contains { $0.field.form == .anyReference }
        if isAny || tables.contains(OutreachSchema.Number.place) {
            try load(.place, into: places, name: PlaceField.name.rawValue, district: PlaceField.district.rawValue)
        }
        if isAny || tables.contains(OutreachSchema.Number.person) {
            try load(.person, into: people, name: PersonField.name.rawValue, district: nil)
        }
        let (hash, area) = (hash, placesArea)
        return try RowReader(
            plan, cells: CellReader(dates: dates, isExact: plan.isExact), isCSV: file.format != .jsonLines,
            createsPlaces: request.createsPlaces, places: places, people: people,
            makePlaceID: { name in
                let key = "place\u{1F}\(area)\u{1F}\(name.key)\u{1F}\(name.districtKey)"
                return RowIdentity.recordID(hash(Array(key.utf8)))
            })
    }

    private func load(_ kind: RecordKind, into names: RecordNames, name: Int, district: Int?) throws {
        var living: Set<RecordID> = []
        var gathering = MergedRecords.Gathering(kind)
        // A name leads to nobody in another team: the record would point at what its readers may not see.
        try store.forEachRecord(kind, in: [team, placesArea]) { id, values in
            living.insert(id)
            gathering.add(id, values)
            guard case .text(let text)? = values[name] else { return }
            guard let district else { return names.add(id, name: text, district: nil) }
            var part: String?
            if case .text(let text)? = values[district] { part = text }
            names.add(id, name: text, district: part, kind: PlaceKind(values))
        }
        names.unite(gathering.merged { living.contains($0) })
    }

    // MARK: Groups

    /// Keeps rows, group by group in one commit, and writes down those that were rejected.
    private func keep(_ rows: PlannedRows, isDryRun: Bool) throws {
        var outcomes: [RowKeeper.Outcome] = []
        let waiting = rows.waiting
        if !waiting.isEmpty {
            try file.checkUnchanged()
            let groups = waiting.groups
            outcomes.reserveCapacity(waiting.rows.count)
            do {
                try store.write(groupCount: groups.count) { index, group in
                    for row in groups[index] { outcomes.append(try keeper.keep(waiting.rows[row], in: &group)) }
                    if isDryRun, index == groups.count - 1 { throw DryRun() }
                }
            } catch is DryRun {}
        }
        result.blank += rows.blank
        result.unchanged += rows.unchanged
        var rejected = rows.rejected
        result.rejected += rejected.count
        for (index, outcome) in outcomes.enumerated() {
            if case .rejected(let reason) = outcome { rejected.append((waiting.cells(index), reason)) }
            result.add(outcome)
        }
        rejected.sort { $0.row.line < $1.row.line }
        for (row, reason) in rejected {
            if firstRejected.count < Self.shownRejectedCount { firstRejected.append((row.line, reason)) }
            if !isDryRun { try rejects.add(row, reason: reason) }
        }
    }
}
