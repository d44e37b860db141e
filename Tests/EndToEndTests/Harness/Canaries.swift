import Foundation
import OutreachModel
import SyncCore

/// Words, times and ids that stand nowhere else, in every field of every kind of record: whoever finds one of them has
/// found the record.
struct Canaries {
    /// One that is searched for, in bytes.
    struct Trace {
        let name: String
        let bytes: Data
    }

    /// What each text begins with; letters alone, so that searching finds it.
    let word: String
    /// A day on which nothing else happened.
    let day: String
    /// The ids of the records, by table.
    let ids: [Int: RecordID]

    /// - Parameter day: year, month and day.
    init(_ word: String, day: String) {
        self.word = word
        self.day = day
        ids = Dictionary(
            uniqueKeysWithValues: OutreachSchema.current.tables.map { table in
                let random = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
                return (table.number, RecordID(milliseconds: Wire.now, random: random))
            })
    }

    /// The records in an area, as a laptop would send them.
    ///
    /// - Parameter tables: which kinds; those that belong to another area are left out.
    func creations(area: Int, tables: [RecordKind] = RecordKind.all) -> [Change] {
        let time = StampTime.packed(milliseconds: Wire.now)
        return tables.compactMap { kind in
            guard let id = ids[kind.number] else { return nil }
            let fields = kind.fields.sorted { $0.number < $1.number }.map { field in
                FieldChange(field: field.number, value: value(of: field, in: kind), time: time, base: .none)
            }
            return Change(
                table: kind.number, record: id, creation: Creation(area: area, time: time),
                fields: fields.filter { $0.value != .null })
        }
    }

    /// What stands in a field.
    func text(of field: FieldDescription, in kind: RecordKind) -> String { "\(word)x\(kind.name)x\(field.name)x" }

    private func value(of field: FieldDescription, in kind: RecordKind) -> Value {
        switch field.form {
        case .text: .text(text(of: field, in: kind))
        case .words(let words): .text(words.last ?? "")
        case .answer(let words): .text(words.last ?? text(of: field, in: kind))
        case .time: .text("\(day)T03:47+00:00")
        case .currency: .text("GBP")
        case .money, .count: .integer(4_815)
        case .rhythm: .integer(29)
        case .flag: .integer(1)
        case .table: .integer(Int64(OutreachSchema.Number.visit))
        case .anyReference: reference(OutreachSchema.Number.visit)
        // Who was merged into somebody is shown no more: nobody is.
        case .reference where field.name == "merged_into" || field.name == "moved_from": .null
        case .reference(let table): reference(table)
        }
    }

    private func reference(_ table: Int) -> Value { ids[table].map { .blob($0.bytes) } ?? .null }

    /// All that can be searched for: the words in every field, the day, and the ids in bytes and as shown.
    var traces: [Trace] {
        var traces = [Trace(name: "word", bytes: Data(word.utf8)), Trace(name: "day", bytes: Data(day.utf8))]
        for (table, id) in ids {
            traces.append(Trace(name: "id in table \(table)", bytes: Data(id.bytes)))
            traces.append(Trace(name: "shown id in table \(table)", bytes: Data(id.description.prefix(16).utf8)))
        }
        return traces
    }

    /// Which of them stand in some bytes.
    func found(in bytes: Data) -> [String] {
        let lower = Data(bytes.map { (65...90).contains($0) ? $0 | 0x20 : $0 })
        return traces.filter { trace in
            // An index of words keeps them in small letters.
            bytes.range(of: trace.bytes) != nil
                || lower.range(of: Data(trace.bytes.map { (65...90).contains($0) ? $0 | 0x20 : $0 })) != nil
        }.map(\.name)
    }

    /// Which of them stand in the files of a folder, and where.
    func found(inFilesOf folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            let type = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            guard type == .typeRegular else { return [] }
            return found(in: try Data(contentsOf: URL(fileURLWithPath: path))).map { "\($0) in \(name)" }
        }
    }
}
