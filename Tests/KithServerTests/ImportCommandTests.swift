import Foundation
import OutreachModel
import SyncCore
import SyncHub
import Terminal
import Testing

@testable import KithServer

/// The real data sets: `make test DATA=FOLDER` names them; without it their tests are left out.
enum RealData {
    static let folder = ProcessInfo.processInfo.environment["KITH_TEST_DATA"].flatMap { $0.isEmpty ? nil : $0 }
    static let isGiven = folder != nil
    /// The numbers of the result: imported, updated, unchanged, rejected, blank.
    static func path(_ name: String) throws -> String { try #require(folder) + "/" + name }
}

/// An office with one area, and a folder for the files that it imports.
private final class ImportingOffice {
    let folder = FileManager.default.temporaryDirectory.path + "/kith-import-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try #require(run("init", "--area", "main").code == .done)
    }

    // Harmless where it fails: the folder is a temporary one.
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func run(_ words: String...) -> (code: ExitCode, output: String, errors: String) {
        let streams = RecordedStreams(input: "")
        let code = ServerProgram.program.run(
            words + ["--data", folder + "/office"], streams: streams.streams, makeContext: ServerProgram.context,
            describe: ServerProgram.failure)
        return (code, streams.output, streams.errorOutput)
    }

    /// Copies a file of the real data here, so that rejected rows do not go beside it.
    func copy(_ name: String) throws -> String {
        let source = try RealData.path(name)
        let target = folder + "/" + URL(fileURLWithPath: name).lastPathComponent
        if !FileManager.default.fileExists(atPath: target) {
            try FileManager.default.copyItem(atPath: source, toPath: target)
        }
        return target
    }

    /// Has a worker's laptop save a visit to a person.
    func visit(_ name: String) throws {
        let connection = try HubConnection(
            path: folder + "/office/hub.sqlite", keyFile: OfficeKeyFile(path: folder + "/office/office-key"))
        let hub = connection.hub
        var found: RecordState?
        try connection.store.forEachLivingRecord(table: OutreachSchema.Number.person) { state in
            if state.field(PersonField.name.rawValue).value == .text(name) { found = state }
        }
        let person = try #require(found)
        try hub.invite(person: "Priya", role: .worker, areas: [person.area], expires: .max, secretHash: [1])
        let device = try hub.join(secretHash: [1], deviceName: "laptop", tokenHash: [1])
        let time = StampTime.packed(milliseconds: WallClock.milliseconds())
        let visit = Change(
            table: OutreachSchema.Number.visit, record: RecordID(milliseconds: 9, random: (9, 9)),
            creation: Creation(area: person.area, time: time),
            fields: [
                FieldChange(
                    field: VisitField.person.rawValue, value: .blob(person.id.bytes), time: time, base: Base.none)
            ])
        try connection.store.transaction {
            _ = try hub.accept([ChangeGroup(number: 1, changes: [visit])], from: device, deviceClock: nil)
        }
    }

    /// Erases all places for good.
    func erasePlaces() throws {
        let connection = try HubConnection(
            path: folder + "/office/hub.sqlite", keyFile: OfficeKeyFile(path: folder + "/office/office-key"))
        var places: [RecordID] = []
        try connection.store.forEachLivingRecord(table: OutreachSchema.Number.place) { places.append($0.id) }
        let targets = places.map { ErasureTarget(table: OutreachSchema.Number.place, record: $0) }
        try connection.store.transaction {
            let id = RecordID(milliseconds: 1, random: (1, 1))
            try connection.hub.carryOut(ErasureOrder(id: id, time: 1, targets: targets))
        }
    }

    func write(_ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/table.csv"))
        return folder + "/table.csv"
    }

    /// Imported, updated, unchanged, rejected, blank.
    func counts(_ kind: String, _ path: String, _ options: [String]) throws -> [Int64] {
        let streams = RecordedStreams(input: "")
        let code = ServerProgram.program.run(
            ["import", kind, path, "--data", folder + "/office", "--json"] + options, streams: streams.streams,
            makeContext: ServerProgram.context, describe: ServerProgram.failure)
        try #require(code == .done || code == .failed && !streams.output.isEmpty, "\(streams.errorOutput)")
        let value = try JSONParser.parse(Array(streams.output.utf8))
        return ["imported", "updated", "unchanged", "rejected", "blank"].map { name in
            if case .integer(let number)? = value[name] { number } else { -1 }
        }
    }
}

@Suite("kith-server import")
struct ImportCommandTests {
    @Test("The office imports, changes and brings back records")
    func office() throws {
        let office = try ImportingOffice()
        let head = "external_id,name,interests\n"
        #expect(try office.counts("people", try office.write(head + "1,Alex,Chess\n2,Sam,\n"), []) == [2, 0, 0, 0, 0])
        #expect(try office.counts("people", try office.write(head + "1,Alex,Music\n2,Sam,\n"), []) == [0, 1, 1, 0, 0])
        #expect(office.run("export", "people").output.contains("Alex,,,,,,Music,"))
    }

    @Test("G7: two teams that both number their rows from 1 keep records of their own, and people of their own")
    func twoTeams() throws {
        let office = try ImportingOffice()
        for name in ["north", "south"] { try #require(office.run("areas", "add", name).code == .done) }
        func people(_ name: String, _ words: String) throws -> String {
            try office.write("external_id,name,interests\n1,\(name),\(words)\n")
        }
        #expect(try office.counts("people", people("Alex", "Chess"), ["--area", "north"]) == [1, 0, 0, 0, 0])
        #expect(try office.counts("people", people("Sam", "Music"), ["--area", "south"]) == [1, 0, 0, 0, 0])
        #expect(try office.counts("people", people("Alex", "Chess"), ["--area", "north"]) == [0, 0, 1, 0, 0])
        #expect(try office.counts("people", people("Sam", "Walks"), ["--area", "south"]) == [0, 1, 0, 0, 0])
        let visits = "external_id,started,person,summary\n1,2025-11-22,Alex,talked\n"
        #expect(try office.counts("visits", office.write(visits), ["--area", "south"]) == [0, 0, 0, 1, 0])
        #expect(try office.counts("visits", office.write(visits), ["--area", "north"]) == [1, 0, 0, 0, 0])
    }

    @Test("What an import made and others name by now stays when the import is taken back")
    func usedPerson() throws {
        let office = try ImportingOffice()
        let path = try office.write("external_id,name\n1,Alex\n2,Sam\n")
        #expect(try office.counts("people", path, []) == [2, 0, 0, 0, 0])
        try office.visit("Alex")
        let back = office.run("undo")
        #expect(back.code == .done && back.output.contains("is named in what Priya wrote on laptop"), "\(back)")
        let people = office.run("export", "people").output
        #expect(people.contains("Alex") && !people.contains("Sam"))
    }

    @Test("After undo the same file brings its rows in again, and what stood before is what was said before")
    func undone() throws {
        let office = try ImportingOffice()
        let head = "external_id,name,interests\n"
        let first = try office.write(head + "1,Alex,Chess\n2,Sam,\n")
        #expect(try office.counts("people", first, []) == [2, 0, 0, 0, 0])
        let second = head + "1,Alex,Music\n2,Sam,\n3,Cleo,\n"
        for _ in 0..<2 {
            #expect(try office.counts("people", office.write(second), []) == [1, 1, 1, 0, 0])
            #expect(office.run("export", "people").output.contains("Music"))
            #expect(office.run("undo").code == .done)
            #expect(try office.counts("people", office.write(head + "1,Alex,Chess\n"), []) == [0, 0, 1, 0, 0])
        }
        #expect(office.run("redo").code == .done)
        #expect(try office.counts("people", office.write(second), []) == [0, 0, 3, 0, 0])
        for _ in 0..<2 { #expect(office.run("undo").code == .done) }
        #expect(!office.run("export", "people").output.contains("Alex"))
        #expect(try office.counts("people", office.write(second), []) == [3, 0, 0, 0, 0])
    }

    @Test("G9: rows that name a place which was erased are rejected, and those around them are taken")
    func erasedPlace() throws {
        let office = try ImportingOffice()
        let head = "external_id,started,place,summary\n"
        let path = try office.write(head + "1,2025-11-22,Hub,one\n")
        #expect(try office.counts("visits", path, ["--create-places"]) == [1, 0, 0, 0, 0])
        try office.erasePlaces()
        let rows = "2,2025-11-23,Hub,two\n3,2025-11-24,Centre,three\n4,2025-11-25,hub,four\n5,2025-11-26,Centre,five\n"
        let other = try office.write(head + rows)
        #expect(try office.counts("visits", other, ["--create-places"]) == [2, 0, 0, 2, 0])
        #expect(try office.counts("visits", other, ["--create-places"]) == [0, 0, 2, 2, 0])
    }

    @Test("What the office exports changes nothing when it is imported again")
    func roundTrip() throws {
        let office = try ImportingOffice()
        let text = "external_id,started,place,summary\n1,2025-11-22,Hub,\"'=1\n2\"\n"
        #expect(try office.counts("visits", try office.write(text), ["--create-places"]) == [1, 0, 0, 0, 0])
        for kind in ["places", "visits"] {
            let before = office.run("export", kind).output
            #expect(try office.counts(kind, try office.write(before), []) == [0, 0, 1, 0, 0])
            #expect(office.run("export", kind).output == before)
        }
    }

    @Test("With several areas the office says which")
    func areas() throws {
        let office = try ImportingOffice()
        try #require(office.run("areas", "add", "south").code == .done)
        let path = try office.write("name\nAlex\n")
        #expect(office.run("import", "people", path).code == .usage)
        #expect(office.run("import", "people", path, "--area", "west").code == .notFound)
        let places = office.run("import", "places", path, "--area", "south")
        #expect(places.code == .usage && "\(places)".contains("Leave --area out."), "\(places)")
        #expect(try office.counts("people", path, ["--area", "South"]) == [1, 0, 0, 0, 0])
    }
}

@Suite("Real files", .enabled(if: RealData.isGiven, "no folder with real data is given (DATA)"))
struct RealFileTests {
    static let visits = "seattle-encampment-visits/"

    @Test("The combined list: all rows but the repeated ids, and a second time nothing")
    func combined() throws {
        let office = try ImportingOffice()
        let path = try office.copy(Self.visits + "visits_2008-2025.csv")
        let options = [
            "--map", "SweepID=external_id", "--map", "SweepDate=started", "--map", "SweepLocation=place", "--map",
            "SweepType=kind", "--create-places",
        ]
        #expect(try office.counts("visits", path, options) == [10_662, 0, 0, 56, 0])
        #expect(try office.counts("visits", path, options) == [0, 0, 10_662, 56, 0])
    }

    /// File, the columns for place and date and further options, and the five numbers.
    static let layouts: [(file: String, options: [String], counts: [Int64])] = [
        (
            "raw_Sweeps2008-2017_SERIS_RC.csv", ["Site_Name=place", "Cleanup_1=started", "Cleanup=external_id"],
            [1_054, 0, 0, 0, 2_219]
        ),
        (
            "raw_Sweeps2016-2018_SERIS.csv", ["sitename=place", "CleanupScheduledOrCompleteDate=started"],
            [831, 0, 0, 30, 0]
        ),
        (
            "raw_Sweeps2017-2020_NAV.csv", ["Location=place", "Removal_Start=started", "Type=kind"],
            [2_321, 0, 0, 773, 0]
        ),
        ("raw_Sweeps2020_COVID.csv", ["Encampment Site=place", "Date=started", "Type=kind"], [15, 0, 0, 0, 0]),
        ("raw_Sweeps2021_COVID.csv", ["Location=place", "Removal Date=started"], [69, 0, 0, 0, 0]),
        (
            "raw_Sweeps2023_UCT.csv", ["LocationName=place", "ActionDate=started", "Unique ID=external_id"],
            [2_794, 0, 47, 526, 0]
        ),
        (
            "raw_Sweeps2024_UCT.csv", ["Location Name=place", "Date of Action=started", "Unique ID=external_id"],
            [2_505, 0, 0, 0, 0]
        ),
        (
            "raw_Sweeps2025_Pt1_UCT.csv", ["Location Name=place", "Date of Action=started", "Unique ID=external_id"],
            [1_266, 0, 0, 0, 0]
        ),
    ]

    @Test("Every raw layout is read, with every row accounted for", arguments: layouts.indices)
    func layout(index: Int) throws {
        let (file, maps, counts) = Self.layouts[index]
        let office = try ImportingOffice()
        let path = try office.copy(Self.visits + file)
        let options = maps.flatMap { ["--map", $0] } + ["--create-places", "--date-format", "mdy"]
        #expect(try office.counts("visits", path, options) == counts)
        let again = try office.counts("visits", path, options)
        #expect(again == [0, 0, counts[0] + counts[2], counts[3], counts[4]])
    }

    @Test("Wards whose names repeat, councils, and services with long descriptions become places")
    func places() throws {
        let office = try ImportingOffice()
        let files: [(file: String, maps: [String], count: Int64)] = [
            ("uk-places/wards_kent_medway_london.csv", ["WDCD=external_id", "WDNM=name", "LADNM=district"], 1_750),
            ("uk-places/local_authorities_uk.csv", ["LADCD=external_id", "LADNM=name"], 415),
            (
                "uk-support-services/services.jsonl",
                ["internal_intervention_id=external_id", "intervention_title=name", "short_description=access_notes"],
                196
            ),
        ]
        for (file, maps, count) in files {
            let path = try office.copy(file)
            let options = maps.flatMap { ["--map", $0] }
            #expect(try office.counts("places", path, options) == [count, 0, 0, 0, 0])
            #expect(try office.counts("places", path, options) == [0, 0, count, 0, 0])
        }
    }
}
