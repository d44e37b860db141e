import Foundation

@testable import Database

/// A folder of one test, removed with everything in it.
final class TemporaryFolder {
    static let applicationID: Int32 = 0x4B49_5448

    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("kith-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    // The folder is temporary: the system removes what stays behind.
    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String = "test.sqlite") -> String { url.appendingPathComponent(name).path }

    func open(
        _ name: String = "test.sqlite", mode: Database.Mode = .readWrite(create: true), timeout: Int = 5_000,
        applicationID: Int32 = TemporaryFolder.applicationID
    ) throws -> Database {
        try Database(
            path: path(name), mode: mode, busyTimeoutMilliseconds: timeout, applicationID: applicationID)
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

    func write(_ data: Data, to name: String) throws { try data.write(to: URL(fileURLWithPath: path(name))) }

    func names() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: url.path)) }
}

/// A database in memory with one table `t(a, b)`.
func memoryDatabase() throws -> Database {
    let database = try Database(
        path: Database.memoryPath, mode: .readWrite(create: true), applicationID: TemporaryFolder.applicationID)
    try database.execute("CREATE TABLE t (a, b)")
    return database
}

/// The kind of database error that a body throws, or nil if it succeeds.
func failure(_ body: () throws -> Void) throws -> DatabaseError.Kind? {
    do {
        try body()
        return nil
    } catch let error as DatabaseError {
        return error.kind
    }
}
