import CSQLite

/// One compiled SQL statement: bind, step or run, read the columns, reset.
///
/// Parameters count from 1 and columns from 0, as in SQLite. Binding and stepping allocate nothing once the statement
/// has seen its usual sizes: text and bytes are copied into a buffer that the statement keeps.
@safe
package final class Statement {
    /// The most bytes of bound values that a statement keeps room for; larger ones are copied by SQLite.
    static let scratchLimitBytes = 256 * 1_024

    let handle: OpaquePointer
    let connection: Connection
    /// Whether the statement leaves the file as it is.
    let isReadOnly: Bool
    private var scratch = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var scratchUsed = 0
    private var scratchWanted = 0

    /// Compiles a text that holds exactly one statement.
    convenience init(_ connection: Connection, _ sql: String, persistent: Bool) throws(DatabaseError) {
        var rest = Array(sql.utf8)[...]
        let flags = persistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        guard let handle = try unsafe Statement.compile(&rest, connection, flags) else {
            throw DatabaseError(.misuse, "the text holds no statement", path: connection.path)
        }
        unsafe self.init(connection, handle)
        guard try Statement.first(of: &rest, connection) == nil else {
            throw DatabaseError(.misuse, "the text holds several statements", path: connection.path)
        }
    }

    private init(_ connection: Connection, _ handle: OpaquePointer) {
        unsafe self.handle = handle
        self.connection = connection
        isReadOnly = unsafe sqlite3_stmt_readonly(handle) != 0
    }

    deinit {
        unsafe sqlite3_finalize(handle)
        unsafe scratch.deallocate()
    }

    /// Compiles the first statement of a script and moves on behind it; nil at the end.
    static func first(
        of script: inout ArraySlice<UInt8>, _ connection: Connection
    ) throws(DatabaseError) -> Statement? {
        guard let handle = try unsafe compile(&script, connection, 0) else { return nil }
        return unsafe Statement(connection, handle)
    }

    /// Binds a 64-bit integer.
    package func bind(_ index: Int, _ value: Int64) throws(DatabaseError) {
        try connection.check(unsafe sqlite3_bind_int64(handle, Int32(clamping: index), value))
    }

    /// Binds a real number; SQLite stores NaN as null.
    package func bind(_ index: Int, _ value: Double) throws(DatabaseError) {
        try connection.check(unsafe sqlite3_bind_double(handle, Int32(clamping: index), value))
    }

    /// Binds a text as UTF-8, NUL characters included.
    package func bind(_ index: Int, _ value: String) throws(DatabaseError) {
        var text = value
        let code = text.withUTF8 { unsafe bindCopy(index, UnsafeRawBufferPointer($0), isText: true) }
        try connection.check(code)
    }

    /// Binds bytes.
    package func bind(_ index: Int, _ value: [UInt8]) throws(DatabaseError) {
        try connection.check(unsafe value.withUnsafeBytes { unsafe bindCopy(index, $0, isText: false) })
    }

    /// Binds the 16 bytes of a number in network order.
    package func bind(_ index: Int, _ value: UInt128) throws(DatabaseError) {
        var bytes = value.bigEndian
        let code = unsafe withUnsafeBytes(of: &bytes) { unsafe bindCopy(index, $0, isText: false) }
        try connection.check(code)
    }

    /// Binds bytes without a copy.
    ///
    /// - Parameter value: must stay valid and unchanged until ``run()``, ``reset()`` or the end of the statement.
    package func bind(_ index: Int, _ value: UnsafeRawBufferPointer) throws(DatabaseError) {
        let position = Int32(clamping: index)
        guard let start = value.baseAddress, value.count > 0 else {
            return try connection.check(unsafe sqlite3_bind_zeroblob(handle, position, 0))
        }
        try connection.check(unsafe sqlite3_bind_blob64(handle, position, start, UInt64(value.count), nil))
    }

    /// Binds null.
    package func bindNull(_ index: Int) throws(DatabaseError) {
        try connection.check(unsafe sqlite3_bind_null(handle, Int32(clamping: index)))
    }

    /// Moves to the next row.
    ///
    /// - Returns: whether there is one. Behind the last row the statement can be reset and used again.
    /// - Throws: what SQLite reports, after resetting; `.misuse` if the statement writes outside a transaction, for it
    ///   would not hold the commit lock.
    package func step() throws(DatabaseError) -> Bool {
        if !isReadOnly { try connection.requireWriting() }
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        let error = connection.stepError(code)
        reset()
        throw error
    }

    /// Runs to the end and resets.
    package func run() throws(DatabaseError) {
        while try step() {}
        reset()
    }

    /// Goes back to the start and forgets the bound values.
    package func reset() {
        // Both report nothing new: the first repeats the error that `step` has thrown, the second never fails.
        _ = unsafe sqlite3_reset(handle)
        _ = unsafe sqlite3_clear_bindings(handle)
        scratchUsed = 0
        if unsafe scratchWanted > scratch.count { growScratch() }
        scratchWanted = 0
    }

    /// Whether the statement is between its first and last row.
    var isBusy: Bool { unsafe sqlite3_stmt_busy(handle) != 0 }
}

extension Statement {
    /// Copies bytes into the buffer of the statement, or lets SQLite copy them if they do not fit.
    private func bindCopy(_ index: Int, _ bytes: UnsafeRawBufferPointer, isText: Bool) -> Int32 {
        let position = Int32(clamping: index)
        let count = bytes.count
        guard count > 0, let start = bytes.baseAddress else {
            return isText
                ? unsafe sqlite3_bind_text(handle, position, "", 0, kith_sqlite3_transient())
                : unsafe sqlite3_bind_zeroblob(handle, position, 0)
        }
        scratchWanted += count
        var source = unsafe start
        var release: sqlite3_destructor_type? = unsafe kith_sqlite3_transient()
        if unsafe scratch.count - scratchUsed >= count, let room = unsafe scratch.baseAddress {
            let copy = unsafe room + scratchUsed
            unsafe copy.copyMemory(from: start, byteCount: count)
            scratchUsed += count
            unsafe source = UnsafeRawPointer(copy)
            unsafe release = nil
        }
        guard isText else { return unsafe sqlite3_bind_blob64(handle, position, source, UInt64(count), release) }
        let text = unsafe source.assumingMemoryBound(to: CChar.self)
        return unsafe sqlite3_bind_text64(handle, position, text, UInt64(count), release, UInt8(SQLITE_UTF8))
    }

    /// Makes room for what the last run needed; only while nothing is bound.
    private func growScratch() {
        let bytes = min(scratchWanted * 2, Self.scratchLimitBytes)
        guard unsafe bytes > scratch.count else { return }
        unsafe scratch.deallocate()
        unsafe scratch = .allocate(byteCount: bytes, alignment: 16)
    }

    /// Compiles the first statement of a script; comments and white space at the end give none.
    private static func compile(
        _ script: inout ArraySlice<UInt8>, _ connection: Connection, _ flags: UInt32
    ) throws(DatabaseError) -> OpaquePointer? {
        while !script.isEmpty {
            var compiled: OpaquePointer?
            var consumed = script.count
            let code = unsafe script.withUnsafeBytes { bytes -> Int32 in
                guard let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else {
                    return SQLITE_OK
                }
                var tail: UnsafePointer<CChar>?
                let code = unsafe sqlite3_prepare_v3(
                    connection.handle, start, Int32(clamping: bytes.count), flags, &compiled, &tail)
                if let tail = unsafe tail { consumed = unsafe tail - start }
                return code
            }
            try connection.check(code)
            script = script.dropFirst(max(consumed, 1))
            if let compiled = unsafe compiled { return unsafe compiled }
        }
        return nil
    }
}
