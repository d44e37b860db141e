import CSQLite

/// Whose file lies at a path, read from its first bytes before anything is written.
///
/// The bytes are read through SQLite's own file layer: closing a file that one opened oneself would drop the locks that
/// other connections of this process hold on it (https://sqlite.org/howtocorrupt.html, section 2.2). The layout of the
/// header is in https://sqlite.org/fileformat2.html, section 1.3.
enum FileIdentity: Equatable {
    /// No file, an empty one, or a database without tables and without an owner.
    case unclaimed
    /// A database of this application.
    case own(usesWAL: Bool)

    private static let headerBytes = 108
    private static let magic = Array("SQLite format 3\0".utf8)
    private static let formatOffset = 18
    private static let applicationIDOffset = 68
    private static let schemaPageOffset = 100
    private static let emptyLeafPage: UInt8 = 0x0D
    /// `SQLITE_IOERR_SHORT_READ`, an expression that Swift cannot import.
    private static let shortRead = SQLITE_IOERR | 2 << 8

    /// Looks at the file at a path.
    ///
    /// - Throws: `.foreignFile`, `.notADatabase`, or what keeps the file from being read.
    static func look(at path: String, applicationID: Int32) throws(DatabaseError) -> FileIdentity {
        guard let size = FileSystem.size(path), size > 0 else { return .unclaimed }
        let header = try readHeader(path)
        guard header.starts(with: magic), size >= 512 else {
            throw DatabaseError(.notADatabase, code: SQLITE_NOTADB, "it does not start like one", path: path)
        }
        let owner = header[applicationIDOffset..<applicationIDOffset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        if Int32(bitPattern: owner) == applicationID { return .own(usesWAL: header[formatOffset] == 2) }
        let isEmpty = header[schemaPageOffset] == emptyLeafPage && header[103] == 0 && header[104] == 0
        let hasLog = [path + "-wal", path + "-journal"].contains { (FileSystem.size($0) ?? 0) > 0 }
        guard owner == 0, isEmpty, !hasLog else {
            throw DatabaseError(.foreignFile, "application id \(Int32(bitPattern: owner))", path: path)
        }
        return .unclaimed
    }

    private static func readHeader(_ path: String) throws(DatabaseError) -> [UInt8] {
        let connection = try Connection(path: path, flags: SQLITE_OPEN_READONLY)
        var file: UnsafeMutablePointer<sqlite3_file>?
        try connection.check(
            unsafe sqlite3_file_control(connection.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file))
        guard let file = unsafe file, let read = unsafe file.pointee.pMethods?.pointee.xRead else {
            throw DatabaseError(.cannotOpen, "SQLite opened no file", path: path)
        }
        var header = [UInt8](repeating: 0, count: headerBytes)
        let code = unsafe header.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, Int32($0.count), 0) }
        // A short file reads as zeroes behind its end, and is then recognised as no database.
        if code != shortRead { try connection.check(code) }
        return header
    }
}
