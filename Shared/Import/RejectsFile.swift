import SyncCore
import Tabular

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The file that takes rejected rows: their own cells, the line that each came from and why, ready to be mended. It is CSV
/// where the file that was imported is, else JSON lines.
///
/// It lies beside the file that was imported, or in the current folder where that one can't be written, and is never
/// written over: somebody may be mending it. Only its owner can read it.
final class RejectsFile {
    private static let bufferBytes = 1 << 16
    /// The most files of rejected rows beside one file.
    private static let largestCount = 99

    private let columns: [String]
    /// How many columns the file that is imported has.
    private let columnCount: Int
    private let isCSV: Bool
    private var base: String
    private var temporary = ""
    private var descriptor: Int32 = -1
    private var buffer: [UInt8] = []

    /// - Parameters:
    ///   - path: the file that is imported.
    ///   - columns: the names of its columns, without those of an earlier file of this kind.
    ///   - columnCount: how many columns it has with those.
    init(besides path: String, columns: [String], columnCount: Int, isCSV: Bool) {
        base = path
        self.columns = columns
        self.columnCount = columnCount
        self.isCSV = isCSV
    }

    deinit { discard() }

    /// Adds a row; what it has beyond the header stands behind the reason, so that the row is still too long until somebody
    /// has mended it.
    func add(_ row: TableRow, reason: String) throws(ImportError) {
        if descriptor < 0 { try open() }
        buffer +=
            isCSV ? cells(of: row, reason: reason) : Array(row.rejectedLine(columns: columns, reason: reason).utf8)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    private func cells(of row: TableRow, reason: String) -> [UInt8] {
        var cells = columns.indices.map { Value.text(row.text($0)) }
        cells += [.integer(Int64(row.line)), .text(reason)]
        if row.count > columnCount { cells += (columnCount..<row.count).map { .text(row.text($0)) } }
        return line(cells)
    }

    /// What its name ends with.
    private var ending: String { isCSV ? "csv" : "jsonl" }

    /// Brings the file to the disk and gives it its name; nil where nothing was added.
    func finish() throws(ImportError) -> String? {
        guard descriptor >= 0 else { return nil }
        try flush()
        guard fsync(descriptor) == 0 else { throw failure(temporary) }
        for number in 1...Self.largestCount {
            let name = base + (number == 1 ? ".rejects.\(ending)" : ".rejects-\(number).\(ending)")
            if unsafe link(temporary, name) == 0 {
                discard()
                return name
            }
            guard errno == EEXIST else { throw failure(name) }
            if Self.haveSameBytes(temporary, name) {
                discard()
                return name
            }
        }
        throw .rejects(path: base + ".rejects.\(ending)", reason: "there are \(Self.largestCount) of them already")
    }

    /// Removes what was not given its name.
    func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unsafe unlink(temporary)
    }

    // MARK: Writing

    private func open() throws(ImportError) {
        let name = base.lastIndex(of: "/").map { String(base[base.index(after: $0)...]) } ?? base
        for candidate in [base, name] {
            temporary = "\(candidate).\(getpid()).part"
            unsafe unlink(temporary)
            descriptor = openFile(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                base = candidate
                buffer = isCSV ? line((columns + ImportPlan.rejectColumns).map { Value.text($0) }) : []
                return
            }
        }
        throw failure(base + ".rejects.\(ending)")
    }

    private func line(_ cells: [Value]) -> [UInt8] {
        // An empty cell stays empty: quotation marks around nothing would be noise for whoever mends the file.
        Array(CSVText.line(cells.map { $0 == .text("") ? .null : $0 }).utf8)
    }

    private func flush() throws(ImportError) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(temporary) }
            rest = rest.dropFirst(count)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func failure(_ path: String) -> ImportError {
        let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
        return .rejects(path: path, reason: reason)
    }

    // MARK: Comparing

    private static func haveSameBytes(_ left: String, _ right: String) -> Bool {
        let descriptors = [left, right].map { openFile($0, O_RDONLY | O_CLOEXEC, 0) }
        defer { for descriptor in descriptors where descriptor >= 0 { close(descriptor) } }
        guard descriptors.allSatisfy({ $0 >= 0 }) else { return false }
        var pieces = [[UInt8]](repeating: [UInt8](repeating: 0, count: bufferBytes), count: 2)
        while true {
            let counts = [0, 1].map { fill(&pieces[$0], from: descriptors[$0]) }
            guard counts[0] >= 0, counts[0] == counts[1], pieces[0][..<counts[0]] == pieces[1][..<counts[1]] else {
                return false
            }
            if counts[0] < bufferBytes { return true }
        }
    }

    /// Fills a buffer as far as the file reaches; returns how far, or -1.
    private static func fill(_ piece: inout [UInt8], from descriptor: Int32) -> Int {
        var filled = 0
        while filled < piece.count {
            let wanted = piece.count - filled
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress?.advanced(by: filled), wanted)
            }
            if count < 0 { return -1 }
            if count == 0 { return filled }
            filled += count
        }
        return filled
    }
}

/// open(2), named apart from the methods of the class.
private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
    unsafe open(path, flags, mode)
}
