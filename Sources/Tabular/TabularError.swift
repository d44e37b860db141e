/// Why a file cannot be read as a table. Nothing was changed by whoever reads it; no case carries a cell's content.
package enum TabularError: Error, Hashable, Sendable {
    /// The file cannot be opened or read, with the system's reason.
    case unreadable(path: String, reason: String)
    /// The path names a folder, a pipe or a device.
    case notAFile(path: String)
    /// The file has no bytes, or none but white space.
    case empty(path: String)
    /// The file is a spreadsheet program's own, which holds more than one table.
    case spreadsheet(path: String)
    /// A NUL character: the file is no text.
    case binary(path: String, line: Int)
    /// Two encodings in one file: UTF-8 in one line, something else in another.
    case mixedEncodings(path: String, line: Int, otherLine: Int)
    /// A line does not fit the encoding.
    case notInEncoding(path: String, encoding: TextEncoding, line: Int)
    /// A quotation mark that begins a cell in this line is never closed.
    case unclosedQuote(path: String, line: Int)
    /// A cell that begins in one line with a quotation mark holds whole rows up to another line.
    case rowsInCell(path: String, line: Int, lastLine: Int)
    /// A cell that begins in this line is longer than the limit in bytes.
    case cellTooLong(path: String, line: Int, limitBytes: Int)
    /// A row that begins in this line is longer than the limit in bytes.
    case rowTooLong(path: String, line: Int, limitBytes: Int)
    /// More columns than the limit.
    case tooManyColumns(path: String, line: Int, limit: Int)
    /// Two columns have the same name.
    case repeatedColumn(path: String, name: String)
    /// No line is a JSON object; the first one that should be, and why it is none.
    case notJSON(path: String, line: Int, reason: String)
    /// The whole file is one JSON list.
    case jsonList(path: String)
    /// The file changed while it was read.
    case changed(path: String)
}

extension TabularError: CustomStringConvertible {
    /// What is wrong, where, and what to do about it.
    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path) can't be read: \(reason)."
        case .notAFile(let path): "\(path) is not a file with a table in it. Name a CSV or JSON lines file."
        case .empty(let path): "\(path) is empty."
        case .spreadsheet(let path):
            "\(path) is a spreadsheet program's own file. Save the table as CSV (UTF-8) there, and take that."
        case .binary(let path, let line): "Line \(line) of \(path) holds a NUL: this is not a text file."
        case .mixedEncodings(let path, let line, let otherLine):
            "\(path) mixes encodings: line \(line) is UTF-8, line \(otherLine) is not. Save it as UTF-8, "
                + "or say how to read all of it: --encoding windows-1252."
        case .notInEncoding(let path, let encoding, let line):
            "Line \(line) of \(path) is not \(encoding.name). Say how to read it: --encoding "
                + TextEncoding.words.joined(separator: "|") + "."
        case .changed(let path): "\(path) changed while it was read. Try again when nothing writes to it."
        default: structure
        }
    }

    private var structure: String {
        switch self {
        case .unclosedQuote(let path, let line):
            "A quotation mark in line \(line) of \(path) is never closed. Close it, or double it inside a cell."
        case .rowsInCell(let path, let line, let last):
            "The cell that begins with a quotation mark in line \(line) of \(path) goes on to line \(last), over whole rows. "
                + "Take that quotation mark out, or double it and put the cell in quotation marks."
        case .cellTooLong(let path, let line, let limit):
            "A cell in line \(line) of \(path) is longer than \(limit >> 10) KB. Is a quotation mark missing there?"
        case .rowTooLong(let path, let line, let limit):
            "The row in line \(line) of \(path) is longer than \(limit >> 10) KB: this is not a table."
        case .tooManyColumns(let path, let line, let limit):
            "Line \(line) of \(path) has more than \(limit) columns."
        case .repeatedColumn(let path, let name):
            "Two columns of \(path) are called “\(name)”. Give one of them another name."
        case .notJSON(let path, let line, let reason):
            "No line of \(path) is one JSON object, as JSON lines are. Line \(line): \(reason)"
        case .jsonList(let path):
            "\(path) is one JSON list. Write each record as an object on a line of its own (JSON lines), and take that."
        default: ""
        }
    }
}
