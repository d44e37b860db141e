/// Who may do what with the commands of `kith`: every command has a line in one of these lists, or the test fails.
///
/// `$KIND` stands for the id of a record or conflict of that kind in somebody else's area.
enum CommandTable {
    /// A command that writes in the own area or in everybody's, with one letter for each role of `RoleTable.roles`:
    /// `y` it is saved, `n` it is refused and nothing is saved.
    struct Writing {
        let words: [String]
        private let cells: [Character]

        init(_ words: [String], _ cells: String) {
            self.words = words
            self.cells = cells.filter { $0 != " " }
        }

        func isAllowed(_ role: String) -> Bool {
            zip(RoleTable.roles, cells).contains { $0.0 == role && $0.1 == "y" }
        }
    }

    static let writing = [
        //                                                        worker lead admin auditor member
        Writing(["place", "add", "Mill House"], /*             */ "y y y n n"),
        Writing(["place", "edit", "Castle House", "--district", "Whitstable"], "y y y n n"),
        Writing(["resource", "add", "Consent", "--kind", "training"], "n n y n n"),
        Writing(["resource", "edit", "Listening", "--tags", "food"], "n n y n n"),
        Writing(["concern", "add", "Owes money", "--area", "canterbury"], "y y y n n"),
        Writing(["person", "add", "Kim", "--new", "--area", "canterbury"], "y y y n y"),
        Writing(["role", "add", "Alex", "peer_mentor"], "y y y n y"),
        Writing(["visit", "add", "Castle House", "today", "--area", "canterbury"], "y y y n y"),
        Writing(["meeting", "add", "Castle House", "today", "--area", "canterbury"], "y y y n y"),
        Writing(["promise", "add", "Bring the form", "--person", "Alex"], "y y y n y"),
        Writing(["opportunity", "add", "Alex", "Join the panel"], "y y y n y"),
        Writing(["insight", "add", "Safer stairs", "--person", "Alex"], "y y y n y"),
        Writing(["consent", "add", "Alex", "quotes", "--answer", "given"], "y y y n y"),
        Writing(["consent", "withdraw", "Alex", "quotes"], "y y y n y"),
        Writing(["payment", "add", "Alex", "20.50"], "y y y n y"),
        Writing(
            ["round", "start", "River", "--buddy", "Sam", "--back", "23:59", "--area", "canterbury"], "y y y n y"),
        Writing(["round", "ok", "--back", "23:59"], "y y y n y"),
        Writing(["round", "end"], "y y y n y"),
        Writing(
            [
                "round", "add", "Hill", "--buddy", "Sam", "--started", "2026-11-20 14:00", "--expected-end",
                "2026-11-20 17:00", "--area", "canterbury",
            ],
            "y y y n y"),
        Writing(["person", "edit", "Alex", "--pronouns", "they"], "y y y n y"),
        Writing(["undo"], "y y y n y"), Writing(["redo"], "y y y n y"),
    ]

    /// Commands that name records: one of another area is answered like one that nobody made.
    static let naming: [[String]] =
        kinds.flatMap { kind, edit in
            [
                [kind, "show", "$\(kind)"], [kind, "edit", "$\(kind)"] + edit, [kind, "delete", "$\(kind)"],
                [kind, "restore", "$\(kind)"],
            ]
        } + [
            ["note", "$visit", "Words"], ["history", "$visit"], ["history", "$person"],
            ["promise", "kept", "$promise"],
            ["insight", "told", "$insight"], ["person", "journey", "$person"], ["report", "journey", "$person"],
            ["person", "merge", "$person", "Alex"], ["person", "merge", "Alex", "$person"],
            ["person", "unmerge", "$person"], ["person", "move", "$person", "--area", "canterbury"],
            ["attendance", "add", "Alex", "--meeting", "$meeting"],
            ["attendance", "add", "$person", "--visit", "$visit"],
            ["relationship", "add", "Alex", "$person"], ["consent", "withdraw", "$person", "quotes"],
            ["conflicts", "show", "$conflict"], ["conflicts", "resolve", "$conflict", "--keep", "a"],
            ["conflicts", "reopen", "$conflict"], ["conflicts", "bring-back", "$conflict"],
            ["held", "show", "1"], ["held", "resend", "1"], ["held", "withdraw", "1"],
        ]

    /// The kinds that belong to an area, each with an edit that its records take.
    private static let kinds: [(String, [String])] = [
        ("person", ["--pronouns", "they"]), ("role", ["--kind-other", "guide"]), ("visit", ["--summary", "Tea."]),
        ("meeting", ["--summary", "Tea."]), ("attendance", ["--contribution", "sang"]), ("note", ["--text", "Words"]),
        ("promise", ["--remark", "by post"]), ("opportunity", ["--support-wanted", "a lift"]),
        ("insight", ["--reason", "no money"]), ("relationship", ["--kind-other", "guide"]),
        ("consent", ["--method-other", "by sign"]), ("payment", ["--outcome", "declined"]),
        ("concern", ["--decision", "referred"]), ("round", ["--if-overdue", "ring me"]),
    ]

    /// Commands that show what a laptop holds, and name nothing.
    static let looking: [[String]] =
        (kinds.map(\.0) + ["place", "resource"]).map { [$0, "list"] } + [
            ["today"], ["week"], ["due"], ["status"], ["search", "zanzibarquay"], ["conflicts", "list", "--all"],
            ["held", "list"], ["report", "activity"], ["report", "network"], ["report", "decisions"],
            ["report", "dependability"], ["report", "insights"], ["person", "duplicates"], ["place", "duplicates"],
            ["payment", "thresholds"], ["export", "people"], ["export", "visits"], ["export", "notes"],
            ["completions", "reply"],
        ]

    /// Commands that ask the office, with the exit code for each standing of the laptop, whatever its person's role.
    /// `$file` stands for a colleague's sealed file.
    static let asking: [(words: [String], live: Int32, expired: Int32, revoked: Int32)] = [
        (["bundle", "carry", "$file"], 0, 5, 5),
        // By its key the laptop is let in again; then the next command is taken too.
        (["sync"], 0, 0, 5),
        (["bundle", "carry", "$file"], 0, 0, 5),
    ]

    /// Commands that are about the laptop, about files or about everybody's places, whose own tests show what they do.
    static let elsewhere: Set<[String]> = [
        ["join"], ["server-key"], ["sync"], ["erase"], ["doctor"], ["import"], ["bundle", "export"],
        ["bundle", "import"],
        ["bundle", "carry"], ["completions", "bash"], ["completions", "zsh"], ["completions", "fish"], ["manual"],
        ["place", "show"], ["place", "delete"], ["place", "restore"], ["place", "merge"], ["place", "unmerge"],
        ["resource", "show"], ["resource", "delete"], ["resource", "restore"],
    ]
}
