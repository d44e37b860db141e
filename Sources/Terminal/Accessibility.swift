/// How output is made for narrow terminals, and for people who have it read to them.
extension TerminalStreams {
    /// Whether `KITH_ACCESSIBLE` asks for prompts and results that read well aloud: each question a line of its own, no
    /// line that is written over, no style, and no table.
    package var isAccessible: Bool {
        let value = environment("KITH_ACCESSIBLE") ?? ""
        return !value.isEmpty && value != "0"
    }

    /// The width in columns that tables are made for: a narrow one, which makes records of them, where they are read
    /// aloud.
    package var tableWidth: Int { isAccessible ? min(width, Table.narrowestWidth - 1) : width }

    /// A line as it fits a terminal that is too narrow for tables; other widths leave it as it is, so that what a script
    /// reads is never broken.
    ///
    /// Lines that continue stand under the first word. A command at the end, `Send: kith sync`, comes on a line of its own
    /// and is never broken, so that it can be pasted.
    package func wrapped(_ line: String) -> [String] {
        guard width < Table.narrowestWidth, displayWidth(line) > width else { return [line] }
        let indent = String(line.prefix { $0 == " " })
        let words = String(line.dropFirst(indent.count))
        guard let command = Self.command(endOf: words) else {
            return wrap(words, width: width, first: indent, rest: indent + "  ")
        }
        return wrap(String(words.dropLast(command.count + 1)), width: width, first: indent, rest: indent + "  ")
            + [indent + "  " + command]
    }

    /// The command that a line ends with after a colon.
    private static func command(endOf line: String) -> String? {
        let parts = line.split(separator: ": ")
        guard parts.count > 1, let last = parts.last, last.hasPrefix("kith") else { return nil }
        return String(last)
    }
}
