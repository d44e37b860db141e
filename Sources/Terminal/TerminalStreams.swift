/// Why the system refused to read or write; its wording is left to who knows what was being done.
package enum StreamFailure: Error, Equatable, Sendable {
    /// Ctrl-C was pressed while an answer was awaited.
    case interrupted
    /// Nobody reads the output any more (EPIPE).
    case readerGone
    /// The system refused, with its error number.
    case refused(code: Int32)
}

/// The standard streams of a process and what is known about them, as values, so that tests bring their own.
package struct TerminalStreams: Sendable {
    /// Reads at most that many bytes from standard input; an empty array means its end.
    package let read: @Sendable (_ maximumBytes: Int) throws(StreamFailure) -> [UInt8]
    /// Writes all the bytes to standard output.
    package let writeOutput: @Sendable ([UInt8]) throws(StreamFailure) -> Void
    /// Writes all the bytes to standard error.
    package let writeError: @Sendable ([UInt8]) throws(StreamFailure) -> Void
    /// Switches whether a terminal shows what is typed.
    package let setEcho: @Sendable (Bool) -> Void
    /// The value of an environment variable, or nil where it is not set or not UTF-8.
    package let environment: @Sendable (String) -> String?
    /// Whether standard input is a terminal.
    package let inputIsTerminal: Bool
    /// Whether standard output is a terminal.
    package let outputIsTerminal: Bool
    /// Whether standard error is a terminal.
    package let errorIsTerminal: Bool
    /// The width of the terminal in columns, at least `minimumWidth`.
    package let width: Int
    /// Whether something that was typed or pasted lies ready to be read.
    package let inputWaits: @Sendable () -> Bool
    /// Throws away what lies ready to be read.
    package let dropInput: @Sendable () -> Void
    /// The longest line in bytes that standard input hands over whole; nil where there is no such limit.
    package let longestLineBytes: Int?

    /// The narrowest width in columns that output is made for.
    package static let minimumWidth = 40
    /// The width in columns where none is known.
    package static let defaultWidth = 80
    /// The widest terminal in columns that is believed.
    package static let maximumWidth = 1000

    /// Makes streams from closures.
    package init(
        read: @escaping @Sendable (_ maximumBytes: Int) throws(StreamFailure) -> [UInt8],
        writeOutput: @escaping @Sendable ([UInt8]) throws(StreamFailure) -> Void,
        writeError: @escaping @Sendable ([UInt8]) throws(StreamFailure) -> Void,
        setEcho: @escaping @Sendable (Bool) -> Void,
        environment: @escaping @Sendable (String) -> String?,
        inputIsTerminal: Bool, outputIsTerminal: Bool, errorIsTerminal: Bool = false, width: Int,
        inputWaits: @escaping @Sendable () -> Bool = { false }, dropInput: @escaping @Sendable () -> Void = {},
        longestLineBytes: Int? = nil
    ) {
        self.read = read
        self.writeOutput = writeOutput
        self.writeError = writeError
        self.setEcho = setEcho
        self.environment = environment
        self.inputIsTerminal = inputIsTerminal
        self.outputIsTerminal = outputIsTerminal
        self.errorIsTerminal = errorIsTerminal
        self.inputWaits = inputWaits
        self.dropInput = dropInput
        self.longestLineBytes = longestLineBytes
        self.width = min(max(width, Self.minimumWidth), Self.maximumWidth)
    }

    /// The width in columns: COLUMNS where it is a number, else what the terminal says, else 80.
    package static func width(columns: String?, terminal: Int?) -> Int {
        if let columns, let width = Int(columns), width > 0 { return width }
        if let terminal, terminal > 0 { return terminal }
        return defaultWidth
    }
}
