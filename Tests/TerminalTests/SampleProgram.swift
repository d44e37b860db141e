import Terminal

/// A small program with every kind of declaration; its commands print what they were given.
let sample = Program<Console>(
    version: "1.2.3",
    root: Command(
        name: "kith", summary: "Records visits, online or not.",
        discussion: "Everything is saved on this device first. It is sent to the office at the next sync.",
        example: "kith visit add \"St Mary's House\" --summary \"Just chatting\"\nkith sync",
        subcommands: [visit, search], run: { _, console in try console.show("today") }),
    options: [.text("data", "DIR", "Keep the database in DIR.")])

private let visit = Command<Console>(
    name: "visit", summary: "Visits to places and people.", subcommands: [visitAdd, visitList])

private let visitAdd = Command<Console>(
    name: "add", summary: "Record a visit.",
    discussion: "A visit needs a place or a person. All the rest may stay open: just chatting is complete.",
    example: "kith visit add \"St Mary's House\" --kind focus_group --summary \"We talked about the garden\" --count 5",
    arguments: [
        Argument("place", "Name or id of the place."),
        Argument("person", "People who took part, by name or id.", count: .any),
    ],
    options: [
        .choice("kind", ["house_meeting", "focus_group", "one_to_one"], short: "k", "What kind of visit it was."),
        .text("summary", short: "s", "What it was about.", secondName: "note"),
        .text("tag", "WORD", "A word to find it by.", isRepeatable: true, formerName: "label"),
        .integer("count", in: 0...500, "How many people were there."),
        .flag("private", "Show it to leads only."),
    ],
    run: { arguments, console in
        try console.show("place \(arguments.argument("place") ?? "-")")
        for person in arguments.arguments("person") { try console.show("person \(person)") }
        if let kind = arguments.value(of: "kind") { try console.show("kind \(kind)") }
        if let summary = arguments.value(of: "summary") { try console.show("summary \(summary)") }
        for tag in arguments.values(of: "tag") { try console.show("tag \(tag)") }
        if let count = arguments.integer(of: "count") { try console.show("count \(count)") }
        if arguments.hasFlag("private") { try console.show("private") }
        if console.settings.isJSON { try console.show("json") }
        if let data = arguments.value(of: "data") { try console.show("data \(data)") }
    })

private let visitList = Command<Console>(
    name: "list", summary: "List visits.",
    options: [.text("since", "DATE", "From this day on.", isRequired: true)],
    run: { _, console in
        try console.note("Looking.")
        try console.show(Table([.init("When"), .init("Place")], rows: [["mon 9:00", "St Mary's"]]))
    })

private let search = Command<Console>(
    name: "search", summary: "Find anything.",
    arguments: [Argument("words", "What to look for.", isPromptable: true)],
    run: { arguments, console in
        let words = try arguments.argument("words") ?? console.prompter.text("Look for", option: "WORDS")
        try console.show("found \(words)")
    })

/// An error that only the program knows how to word.
struct SampleError: Error {}

/// Runs the sample over recorded streams.
func runSample(_ words: [String], _ recorded: RecordedStreams = RecordedStreams()) -> ExitCode {
    sample.run(
        words, streams: recorded.streams, makeContext: { _, console in console },
        describe: { _ in CommandFailure(exitCode: .damaged, message: "Described.") })
}
