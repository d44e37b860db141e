import Terminal
import Testing

@testable import KithClient

@Suite struct CommandTreeTests {
    @Test("the declarations hold together")
    func faults() {
        #expect(KithProgram.program.declarationFaults() == [])
    }

    @Test("every command has help with an example that begins with the command itself")
    func examples() {
        var leaves = 0
        KithProgram.program.root.walk { path in
            guard let command = path.last else { return }
            let title = path.map(\.name).joined(separator: " ")
            #expect(!command.example.isEmpty, "\(title)")
            #expect(command.example.split(separator: "\n").allSatisfy { $0.hasPrefix("kith ") }, "\(title)")
            if command.canRun, command.subcommands.isEmpty {
                leaves += 1
                #expect(command.example.hasPrefix(title), "\(title)")
            }
            let page = HelpPage(path: path, globalOptions: KithProgram.program.globalOptions, width: 60).text()
            #expect(page.contains("Example:"), "\(title)")
        }
        #expect(leaves > 100, "a walk that found nothing proves nothing")
    }

    @Test("the list's help is complete")
    func wholeHelp() throws {
        let run = try FieldLaptop(isJoined: false).run(["meeting", "restore", "--help"])
        #expect(
            run.output == """
                Bring back a deleted meeting.

                Usage: kith meeting restore [ID] [options]

                Arguments:
                  ID  The beginning of its id, as delete showed it.

                Example:
                  kith meeting restore f3kq7xzm

                A name or text given as - is read from standard input.
                Every command also takes --json, --plain, --no-input, --yes, --quiet, --color,
                --dry-run. See: kith --help

                """)
    }

    @Test("the help of merge and move is complete")
    func identityHelp() throws {
        let laptop = try FieldLaptop(isJoined: false)
        #expect(
            laptop.run(["place", "merge", "--help"]).output == """
                Say that two places are one; unmerge takes it back.

                Usage: kith place merge ID INTO [options]

                The first gives way to the second. Both stay as they are: lists show the second,
                and what belongs to either. Names of both find it. What restricts one, such as
                do not contact, restricts both.

                Arguments:
                  ID    The one that gives way: its name, or the beginning of its id.
                  INTO  The one that stays: its name, or the beginning of its id.

                Example:
                  kith place merge f3kq7xzm "Castle House"

                A name or text given as - is read from standard input.
                Every command also takes --json, --plain, --no-input, --yes, --quiet, --color,
                --dry-run. See: kith --help

                """)
        #expect(
            laptop.run(["person", "move", "--help"]).output == """
                Move a person to another team, as a new record with a link back.

                Usage: kith person move ID [options]

                What was written about them stays with the team that wrote it; whoever has both
                teams sees it with the person. Moving them back brings back the record that they
                had. With --dry-run it says what would stay.

                Arguments:
                  ID  Their name, or the beginning of the id.

                Options:
                  --team NAME  The team that they move to.

                Example:
                  kith person move Alex --team whitstable

                A name or text given as - is read from standard input.
                Every command also takes --json, --plain, --no-input, --yes, --quiet, --color,
                --dry-run. See: kith --help

                """)
    }

    @Test("G13: whatever takes a text takes - for standard input, in every command, and no command ever sees the -")
    func standardInput() {
        let trial = KithProgram.program.inputTrial()
        #expect(trial.faults == [])
        #expect(trial.tried > 500, "a walk that found nothing proves nothing")
        #expect(trial.paths == ["file", "html", "sqlite", "passphrase-file"], "nothing but files is left out")
    }
}
