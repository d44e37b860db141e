import Foundation
import Testing

/// What real shells make of the completions, and `groff` of the manual pages, of the built programs.
@Suite("Completions and manual pages")
struct CompletionTests {
    private static let folder = URL(fileURLWithPath: Programs.client).deletingLastPathComponent().path

    /// Runs a script in a shell that finds the built programs.
    private func run(_ shell: String, _ script: String, home: String = "/nonexistent") throws -> Outcome {
        let path = "\(Self.folder):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        return try Child(
            "/usr/bin/env", [shell] + (shell == "zsh" ? ["-f"] : []),
            environment: ["PATH": path, "KITH_HOME": home, "LC_ALL": "C.UTF-8", "HOME": "/tmp"],
            input: .bytes(Data(script.utf8))
        ).finish()
    }

    /// A laptop with a few names.
    private func laptop() throws -> (Office, Laptop) {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try office.close()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("place", "add", "Café Élan", "--kind", "day_centre").succeeded()
        try priya.run("person", "add", "Alex O'Neill").succeeded()
        return (office, priya)
    }

    @Test("bash completes commands, options, their words and names, quoted as bash needs them")
    func bash() throws {
        let (_, priya) = try laptop()
        let told = try run(
            "bash",
            #"""
            eval "$(kith completions bash)"
            eval "$(kith-server completions bash)"
            try() {
                COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
                local name="_${1//-/_}"
                "$name" "$1"
                (IFS='|'; printf '%s\n' "${COMPREPLY[*]}")
            }
            try kith vis
            try kith visit add cas
            try kith visit add '"cas'
            try kith visit add cafe yester
            try kith visit add cafe today --with al
            try kith visit add cafe today --with a
            try kith visit add --kind = res
            try kith sync --color n
            try kith-server quarantine ac
            """#, home: priya.home)
        #expect(told.errors.isEmpty)
        #expect(
            told.output == #"""
                visit
                Castle\ House
                Castle House
                yesterday
                Alex\ O\'Neill

                residential
                never
                accept

                """#)
    }

    @Test("zsh completes a line that is typed in it", .enabled(if: Programs.isInstalled("zsh"), "zsh is not installed"))
    func zsh() throws {
        let (_, priya) = try laptop()
        let told = try run(
            "zsh",
            #"""
            zmodload zsh/zpty
            zpty z zsh -f -i
            zpty -w z "autoload -Uz compinit; compinit -u -D; eval \"\$(kith completions zsh)\"; bindkey '^I' complete-word"
            zpty -w z "print -r READ''Y"
            zpty -r z out '*READY*'
            zpty -w -n z $'kith visit add cas\t\x01print -r -- \x05; print -r EN\x27\x27D\n'
            zpty -r z out '*END*'
            print -r -- "$out"
            """#, home: priya.home)
        #expect(told.output.contains("kith visit add Castle House"), "\(told)")
    }

    @Test(
        "fish completes commands, words and names", .enabled(if: Programs.isInstalled("fish"), "fish is not installed"))
    func fish() throws {
        let (_, priya) = try laptop()
        let told = try run(
            "fish",
            """
            kith completions fish | source
            complete -C 'kith vis' | string split -f1 \\t
            complete -C 'kith visit add Cas'
            complete -C 'kith visit add --kind=res'
            """, home: priya.home)
        #expect(told.output == "visit\nCastle House\n--kind=residential\n", "\(told)")
    }

    @Test("Completions and manual pages need neither an office nor a folder")
    func alone() throws {
        for (program, words) in [
            (Programs.client, ["completions", "bash"]), (Programs.client, ["manual"]),
            (Programs.server, ["completions", "zsh"]), (Programs.server, ["manual"]),
        ] {
            let told = try Child(program, words).finish()
            #expect(told.code == 0 && told.errors.isEmpty && !told.output.isEmpty, "\(told)")
        }
        let nothing = try Child(
            Programs.client, ["completions", "reply"], environment: ["KITH_HOME": "/nonexistent"],
            input: .bytes(Data("visit\nadd\nca\n".utf8))
        ).finish()
        #expect(nothing.code == 0 && nothing.output.isEmpty && nothing.errors.isEmpty, "\(nothing)")
    }

    @Test(
        "The manual pages have no fault that groff knows of",
        .enabled(if: Programs.isInstalled("groff"), "groff is not installed"),
        arguments: [Programs.client, Programs.server])
    func manual(program: String) throws {
        let told = try run("bash", "\"\(program)\" manual | groff -ww -man -Tutf8 | wc -l")
        #expect(told.errors.isEmpty, "\(told)")
        #expect(Int(told.output.filter(\.isNumber)) ?? 0 > 100, "\(told)")
    }
}
