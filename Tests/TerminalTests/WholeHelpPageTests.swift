import Terminal
import Testing

/// Whole pages, compared letter by letter.
@Suite("Whole help pages")
struct WholeHelpPageTests {
    @Test(
        "A page is what its declaration says",
        arguments: [
            (
                [], 80,
                #"""
                Records visits, online or not.

                Usage: kith [COMMAND] [options]

                Everything is saved on this device first. It is sent to the office at the next
                sync.

                Commands:
                  visit   Visits to places and people.
                  search  Find anything.

                Options for every command:
                  --json         Print the result as JSON.
                  --plain        Print tab-separated lines without styles.
                  --no-input     Never ask; a missing answer is an error.
                  --yes          Answer yes to every confirmation.
                  --quiet        Print results and errors only.
                  --color COLOR  Whether headings may be bold on a terminal. One of: auto,
                                 never.
                  --dry-run      Say what would happen and change nothing.
                  --data DIR     Keep the database in DIR.
                  -h, --help     Show help, for a command too.
                  --version      Show the version.

                Example:
                  kith visit add "St Mary's House" --summary "Just chatting"
                  kith sync

                """#
            ),
            (
                ["visit"], 80,
                #"""
                Visits to places and people.

                Usage: kith visit COMMAND [options]

                Commands:
                  add   Record a visit.
                  list  List visits.

                Every command also takes --json, --plain, --no-input, --yes, --quiet, --color,
                --dry-run, --data. See: kith --help

                """#
            ),
            (
                ["visit", "add"], 80,
                #"""
                Record a visit.

                Usage: kith visit add PLACE [PERSON ...] [options]

                A visit needs a place or a person. All the rest may stay open: just chatting is
                complete.

                Arguments:
                  PLACE   Name or id of the place.
                  PERSON  People who took part, by name or id.

                Options:
                  -k, --kind KIND           What kind of visit it was. One of: house_meeting,
                                            focus_group, one_to_one.
                  -s, --summary, --note TEXT
                                            What it was about.
                  --tag WORD                A word to find it by. May be given several times.
                  --count N                 How many people were there. From 0 to 500.
                  --private                 Show it to leads only.

                Example:
                  kith visit add "St Mary's House" --kind focus_group --summary \
                      "We talked about the garden" --count 5

                A name or text given as - is read from standard input.
                Every command also takes --json, --plain, --no-input, --yes, --quiet, --color,
                --dry-run, --data. See: kith --help

                """#
            ),
            (
                ["visit", "add"], 40,
                #"""
                Record a visit.

                Usage: kith visit add PLACE [PERSON ...]
                       [options]

                A visit needs a place or a person. All
                the rest may stay open: just chatting is
                complete.

                Arguments:
                  PLACE   Name or id of the place.
                  PERSON  People who took part, by name
                          or id.

                Options:
                  -k, --kind KIND
                                What kind of visit it
                                was. One of:
                                house_meeting,
                                focus_group, one_to_one.
                  -s, --summary, --note TEXT
                                What it was about.
                  --tag WORD    A word to find it by.
                                May be given several
                                times.
                  --count N     How many people were
                                there. From 0 to 500.
                  --private     Show it to leads only.

                Example:
                  kith visit add "St Mary's House" \
                      --kind focus_group --summary \
                      "We talked about the garden" \
                      --count 5

                A name or text given as - is read from
                standard input.
                Every command also takes --json,
                --plain, --no-input, --yes, --quiet,
                --color, --dry-run, --data. See: kith
                --help

                """#
            ),
        ] as [([String], Int, String)])
    func page(_ words: [String], _ width: Int, _ text: String) {
        let recorded = RecordedStreams(width: width)
        #expect(runSample(words + ["--help"], recorded) == .done)
        #expect(recorded.output == text)
    }
}
