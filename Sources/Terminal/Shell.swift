/// A shell that completions are printed for.
package enum Shell: String, Sendable, CaseIterable {
    /// GNU bash, 3.2 or later.
    case bash
    /// zsh, 5 or later.
    case zsh
    /// fish, 3 or later.
    case fish

    /// A word as every shell reads it back: as it is, or between single quotes.
    package static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), 0x80...:
                true
            default: false
            }
        }
        return plain && !word.isEmpty ? word : quotedForShell(word)
    }

    /// Where a person's own completions of a program usually lie.
    package func usualPath(of program: String) -> String {
        switch self {
        case .bash: "~/.local/share/bash-completion/completions/\(program)"
        case .zsh: "~/.zfunc/_\(program)"
        case .fish: "~/.config/fish/completions/\(program).fish"
        }
    }

    /// What the shell runs to know what could come next.
    ///
    /// It only asks the program, which knows its own commands: so a script stays right when the program is replaced.
    /// The words go through a pipe, because other people on the machine can read the arguments of a process.
    package func script(for program: String) -> String {
        let function = String(program.map { $0 == "-" ? "_" : $0 })
        let template: String =
            switch self {
            case .bash: Self.bashScript
            case .zsh: Self.zshScript
            case .fish: Self.fishScript
            }
        var script = ""
        for line in template.split(separator: "\n", omittingEmptySubsequences: false) {
            script += Self.fill(line, "FUNCTION", function, "PROGRAM", program) + "\n"
        }
        return script
    }

    /// The line with the two words replaced.
    private static func fill(
        _ line: Substring, _ first: String, _ firstValue: String, _ second: String, _ secondValue: String
    ) -> String {
        var filled = ""
        var rest = line
        while !rest.isEmpty {
            if rest.hasPrefix(first) {
                filled += firstValue
                rest = rest.dropFirst(first.count)
            } else if rest.hasPrefix(second) {
                filled += secondValue
                rest = rest.dropFirst(second.count)
            } else {
                filled.append(rest.removeFirst())
            }
        }
        return filled
    }

    private static let bashScript = #"""
        # Completions of PROGRAM for bash.
        _FUNCTION() {
            local typed="${COMP_WORDS[COMP_CWORD]}" line word quoted
            local -a words=("${COMP_WORDS[@]:1:COMP_CWORD}")
            if [ "$typed" = "=" ]; then
                typed=""
                words[COMP_CWORD-1]=""
            fi
            COMPREPLY=()
            while IFS= read -r line; do
                case "$line" in
                    $'\tfiles' | $'\tfolders')
                        compopt -o filenames 2>/dev/null
                        [ "$line" = $'\tfiles' ] && quoted=-f || quoted=-d
                        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$quoted" -- "$typed")
                        return
                        ;;
                esac
                word="${line%%$'\t'*}"
                case "$typed" in
                    \"* | \'*) quoted="$word" ;;
                    *) printf -v quoted '%q' "$word" ;;
                esac
                COMPREPLY+=("$quoted")
            done < <(printf '%s\n' "${words[@]//$'\n'/ }" | command PROGRAM completions reply 2>/dev/null)
        }
        complete -F _FUNCTION PROGRAM
        """#

    private static let zshScript = #"""
        #compdef PROGRAM
        # Completions of PROGRAM for zsh.
        _FUNCTION() {
            local line
            local -a typed values shown
            typed=("${(@)${(@Q)words[2,CURRENT-1]}//$'\n'/ }" "${${(Q)PREFIX}//$'\n'/ }")
            while IFS= read -r line; do
                case "$line" in
                    $'\tfiles') _files; return ;;
                    $'\tfolders') _files -/; return ;;
                esac
                values+=("${line%%$'\t'*}")
                shown+=("${line/$'\t'/  }")
            done < <(print -rl -- "${(@)typed}" | command PROGRAM completions reply 2>/dev/null)
            (( ${#values} )) || return 1
            compadd -U -l -d shown -a -- values
        }
        if [ "${funcstack[1]}" = "_FUNCTION" ]; then _FUNCTION "$@"; else compdef _FUNCTION PROGRAM; fi
        """#

    private static let fishScript = #"""
        # Completions of PROGRAM for fish.
        function __FUNCTION_offers
            set -l words (commandline -opc)
            set -e words[1]
            set -l typed (commandline -ct)
            set -a words "$typed"
            set -l offers (printf '%s\n' (string replace -a \n ' ' -- $words) | command PROGRAM completions reply 2>/dev/null)
            switch "$offers[1]"
                case \tfiles
                    __fish_complete_path "$typed"
                case \tfolders
                    __fish_complete_directories "$typed" ''
                case '*'
                    printf '%s\n' $offers
            end
        end
        complete -c PROGRAM -f -a '(__FUNCTION_offers)'
        """#
}
