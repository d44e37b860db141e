import Terminal

/// One line of JSON lines: the members of its object, or why it has none.
///
/// A row that an import rejected bears a member `rejected` of ours, which says why. It is no part of the row, so a file of
/// such rows is read like any other. A line that was no object stands there as a text, and is read as the line that it was.
struct JSONLine {
    /// Why a line is no row, in words for the person who mends it.
    struct Problem: Error, Hashable {
        let reason: String
    }

    /// What our member is called, and what it holds.
    private enum Name {
        static let rejected = "rejected"
        static let line = "line"
        static let reason = "reason"
        static let text = "text"
    }

    /// The members of the object, without ours.
    let members: [JSONValue.Member]

    /// The line as its writer wrote it: of one that stands in our member as a text, that text.
    static func source(of line: [UInt8]) -> [UInt8] {
        guard line.starts(with: "{\"\(Name.rejected)\":".utf8) else { return line }
        do throws(JSONError) {
            let value = try JSONParser.parse(line, maximumBytes: TableRow.largestRowBytes)
            guard case .object(let members) = value, members.count == 1,
                case .string(let text)? = own(members)?[Name.text]
            else { return line }
            return Array(text.utf8)
        } catch {
            return line
        }
    }

    /// Reads a line as `source(of:)` gives it.
    init(_ line: [UInt8]) throws(Problem) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(line, maximumBytes: TableRow.largestRowBytes)
        } catch {
            throw Problem(reason: Self.words(error, in: line))
        }
        guard case .object(let all) = value else { throw Problem(reason: "The line is not one JSON object.") }
        members = Self.own(all) == nil ? all : all.filter { $0.name != Name.rejected }
    }

    /// Our member among others: an object that holds what we write, and nothing else.
    private static func own(_ members: [JSONValue.Member]) -> JSONValue? {
        guard let own = members.first(where: { $0.name == Name.rejected })?.value, case .object(let inner) = own,
            case .integer? = own[Name.line], case .string? = own[Name.reason],
            inner.allSatisfy({ [Name.line, Name.reason, Name.text].contains($0.name) })
        else { return nil }
        return own
    }

    // MARK: Rejected rows

    /// A rejected row as a line of JSON lines with its line feed, as `TableRow.rejectedLine` has it.
    static func rejected(_ row: TableRow, columns: [String], reason: String) -> String {
        var why: [JSONValue.Member] = [
            .init(Name.line, JSONValue(row.line)), .init(Name.reason, .string(reason)),
        ]
        // What was read as a row before is read again here: only a line with a problem fails.
        guard row.problem == nil, let line = try? JSONLine(row.source) else {
            why.append(.init(Name.text, .string(String(decoding: row.source, as: UTF8.self))))
            return JSONValue.object([.init(Name.rejected, .object(why))]).encoded() + "\n"
        }
        // A column of another row may be an object here: no name stands twice in one object.
        let known = Set(names(line.members, prefix: "") + line.members.map(\.name))
        let missing = columns.filter { !known.contains($0) }.map { JSONValue.Member($0, .null) }
        return JSONValue.object(line.members + missing + [.init(Name.rejected, .object(why))]).encoded() + "\n"
    }

    private static func names(_ members: [JSONValue.Member], prefix: String) -> [String] {
        members.flatMap { member in
            guard case .object(let inner) = member.value else { return [prefix + member.name] }
            return names(inner, prefix: prefix + member.name + ".")
        }
    }

    // MARK: Words

    private static func words(_ error: JSONError, in line: [UInt8]) -> String {
        let place = String(decoding: line.prefix(error.offset), as: UTF8.self).count + 1
        let at = "at character \(place) of the line"
        switch error.problem {
        case .repeatedName: return "A name stands twice in one object, \(at)."
        case .wrongEscape:
            return "The escape \(at) stands for no character: half of a pair, or one that JSON does not know."
        case .unexpectedEnd: return "The line ends too early: is a bracket or a quotation mark missing?"
        case .unexpectedByte: return "The line is not one JSON object: what stands \(at) does not belong there."
        case .numberOutOfRange: return "The number \(at) is too large. Put it in quotation marks."
        case .tooDeep(let limit): return "Objects and lists lie more than \(limit) deep in each other."
        case .notUTF8: return "The text \(at) is not UTF-8."
        case .tooLong(let limit): return "The line is longer than \(limit >> 10) KB."
        }
    }
}

extension TableRow {
    /// A rejected row of JSON lines as one of them with its line feed, ready to be mended: its own members, null for each
    /// column that only other rows have, and why it was rejected. An import of it takes that away again.
    ///
    /// - Parameters:
    ///   - columns: the names of all columns of the file.
    ///   - reason: in words for the person who mends it.
    package func rejectedLine(columns: [String], reason: String) -> String {
        JSONLine.rejected(self, columns: columns, reason: reason)
    }
}
