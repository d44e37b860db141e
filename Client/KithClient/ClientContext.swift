import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// What a command works with; the database is opened when a command first asks for it.
package final class ClientContext {
    /// Streams, settings and prompts of this command line.
    package let console: Console
    /// The folder of this laptop.
    package let home: HomeFolder
    /// Milliseconds since 1970.
    package let clock: @Sendable () -> Int64
    /// Makes the link to the office when a command needs it.
    package let makeLink: ServerLinkMaker
    /// Loads what the link will need, while the command opens the database; returns at once.
    package let prepareLink: @Sendable () -> Void
    /// The command that runs, in words: `visit add`; what it writes is one operation under this name.
    package let command: String
    /// What was given with the command on its line: arguments and options, without those that every command has.
    package let given: [String]
    /// What was typed at the terminal in the place of a `-`; nil where nothing was, or where a file or a program said it.
    let typedText: String?
    /// Whether the command has saved what it was to save.
    var hasSaved = false
    /// Whether answers to this command's questions are kept on the disk.
    var isBegun = false
    private var opened: Laptop?
    private var zone: LocalTime?

    /// Makes a context.
    ///
    /// - Parameter arguments: the command line, with the names from the program to the command.
    package init(
        console: Console, home: HomeFolder, arguments: ParsedArguments, clock: @escaping @Sendable () -> Int64,
        makeLink: @escaping ServerLinkMaker, prepareLink: @escaping @Sendable () -> Void = {}
    ) {
        command = arguments.commandPath.dropFirst().joined(separator: " ")
        given = arguments.given
        typedText = console.streams.inputIsTerminal ? arguments.input : nil
        self.console = console
        self.home = home
        self.clock = clock
        self.makeLink = makeLink
        self.prepareLink = prepareLink
    }

    /// The laptop, which must have joined an office; throws `ClientError.notJoined` otherwise.
    package func laptop() throws -> Laptop {
        if let opened { return opened }
        let laptop = try Laptop(home: home, creating: false, clock: clock)
        guard try laptop.hasJoined() else { throw ClientError.notJoined }
        laptop.replica.command = command
        opened = laptop
        return laptop
    }

    /// The command with all that was given, as a shell reads it: `visit add castle`.
    var commandLine: String { ([command] + given.map(Shell.quoted)).joined(separator: " ") }

    /// The time zone of this process.
    package var local: LocalTime {
        if let zone { return zone }
        let zone = LocalTime()
        self.zone = zone
        return zone
    }

    var isJSON: Bool { console.settings.isJSON }

    /// Reads one state of all records: a list of many would otherwise look at the file again for each of them.
    func reading<T>(_ body: () throws -> T) throws -> T {
        let laptop = try laptop()
        try laptop.prepareForReading()
        return try laptop.replica.reading(body)
    }

    /// The areas that leads and admins alone read.
    func twins() throws -> Set<Int> {
        Set(try laptop().replica.directory()?.areas.filter { $0.twinOf != nil }.map(\.number) ?? [])
    }

    func reader() throws -> RecordReader { RecordReader(database: try laptop().database) }
    func finder() throws -> RecordFinder {
        let reader = try reader()
        let namesakes = Namesakes(reader: reader, local: local) { try SyncReport.areaNames(try self.laptop()) }
        return RecordFinder(
            reader: reader, identities: RecordIdentities(reader), namesakes: namesakes,
            passedOn: { try PassedOn.failure($0, self) },
            tell: { [console] in if !console.settings.isJSON { try console.note($0) } })
    }

    func fieldReader() throws -> FieldReader {
        FieldReader(console: console, finder: try finder(), local: local, now: clock())
    }
}
