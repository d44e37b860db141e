import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What all rows work with: the built programs, the floors, a folder for everything, and offices that were made once.
final class Stage {
    let settings: BenchmarkSettings
    /// A folder that goes away at the end.
    let scratch: URL
    let peers: PeerFloor?
    let workload: Workload
    private var offices: [String: SampleOffice] = [:]
    private var madeCrowd: Crowd?
    private var count = 0

    init(settings: BenchmarkSettings, scratch: URL) throws {
        (self.settings, self.scratch) = (settings, scratch)
        peers = settings.peersFolder.map { PeerFloor(folder: $0) }
        workload = Workload(peersFolder: settings.peersFolder, scratch: scratch)
    }

    var streams: ChildProcess.Streams { ChildProcess.Streams(folder: scratch) }

    // MARK: Programs

    /// Runs `kith` on a laptop; returns the milliseconds of the whole process.
    @discardableResult
    func kith(_ arguments: [String], laptop: URL) throws -> Double {
        try Stopwatch.milliseconds { try startKith(arguments, laptop: laptop).finish() }
    }

    /// Starts `kith` on a laptop.
    func startKith(_ arguments: [String], laptop: URL, streams: ChildProcess.Streams? = nil) throws -> ChildProcess {
        try ChildProcess(
            settings.program("kith"), arguments, environment: ["KITH_HOME": laptop.path],
            streams: streams ?? self.streams)
    }

    /// Runs the C program; returns the milliseconds that it prints.
    func plainFloor(_ arguments: [String]) throws -> Double {
        let text = try ChildProcess.run(settings.program("kith-bench-plain"), arguments, streams: streams)
        guard let seconds = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ChildProcess.Failure(description: "The plain floor said: \(text)")
        }
        return seconds * 1_000
    }

    /// Runs a server while a body works; the body is handed the server.
    func serving<T>(_ office: SampleOffice, _ body: (ServerProcess) throws -> T) throws -> T {
        let server = try ServerProcess(
            program: settings.program("kith-server"), office: office.office, scratch: scratch)
        do {
            let result = try body(server)
            try server.stop()
            return result
        } catch {
            // The first failure is the one to tell.
            _ = try? server.stop()
            throw error
        }
    }

    // MARK: Offices

    /// An office that two laptops have joined, nothing else.
    func emptyOffice() throws -> SampleOffice {
        try kept("empty") { folder in try SampleOffice.make(in: folder, settings: settings, scratch: scratch) }
    }

    /// An office whose first laptop has records of the workload that nobody has sent.
    ///
    /// - Parameter groupCount: how many records a transaction made.
    func filledOffice(_ count: Int, groupCount: Int = 1) throws -> SampleOffice {
        try kept("filled-\(count)-\(groupCount)") { folder in
            let office = try emptyOffice().copy(to: folder)
            note("Preparing \(count) records")
            try office.writeWorkload(workload.records(count), groupCount: groupCount)
            return office
        }
    }

    /// An office where the server and both laptops have all records.
    func syncedOffice(_ count: Int, both: Bool = true) throws -> SampleOffice {
        try kept("synced-\(count)-\(both)") { folder in
            let office = try filledOffice(count, groupCount: count > 100_000 ? 100 : 1).copy(to: folder)
            note("Syncing \(count) records")
            try serving(office) { _ in
                for laptop in both ? [office.sender, office.receiver] : [office.sender] {
                    try kith(["sync"], laptop: laptop)
                }
            }
            return office
        }
    }

    /// An office of a thousand devices.
    func crowd() throws -> Crowd {
        if let madeCrowd { return madeCrowd }
        let crowd = try Crowd(settings.isQuick ? 100 : 1_000, stage: self)
        madeCrowd = crowd
        return crowd
    }

    private func kept(_ name: String, _ make: (URL) throws -> SampleOffice) throws -> SampleOffice {
        if let office = offices[name] { return office }
        let office = try make(scratch.appendingPathComponent("office-\(name)", isDirectory: true))
        offices[name] = office
        settle()
        return office
    }

    /// A copy to work on; whoever asks removes it.
    func copy(_ office: SampleOffice) throws -> SampleOffice {
        count += 1
        let copy = try office.copy(to: scratch.appendingPathComponent("copy-\(count)", isDirectory: true))
        settle()
        return copy
    }

    /// Works on a copy of an office, which goes away afterwards.
    func onCopy<T>(of office: SampleOffice, _ body: (SampleOffice) throws -> T) throws -> T {
        let copy = try copy(office)
        defer {
            // It stands in a folder that goes away at the end.
            try? FileManager.default.removeItem(at: copy.folder)
        }
        return try body(copy)
    }

    /// The size of a server's database that is not open, in bytes.
    func bytes(of office: SampleOffice) throws -> Int {
        let path = office.office.appendingPathComponent("hub.sqlite").path
        return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    /// A path for one file, which no other has had.
    func newPath(_ name: String) -> String {
        count += 1
        return scratch.appendingPathComponent("\(count)-\(name)").path
    }

    /// Removes a database with what belongs to it.
    func removeDatabase(_ path: String) throws {
        for end in ["", "-wal", "-shm", "-lock"] where FileManager.default.fileExists(atPath: path + end) {
            try FileManager.default.removeItem(atPath: path + end)
        }
    }

    /// Lets the disk finish what was copied and prepared, so that no measurement waits for it.
    func settle() {
        #if canImport(Darwin)
            Darwin.sync()
        #else
            Glibc.sync()
        #endif
    }

    func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}
