/// What a shell offers for a word of a command line when somebody presses Tab.
package enum Completion: Sendable, Equatable {
    /// Nothing: any text may stand there.
    case nothing
    /// One of these words.
    case words([String])
    /// The path of a file.
    case files
    /// The path of a folder.
    case folders
    /// What the program knows under this name, in capitals: `PLACE` for the names of places.
    ///
    /// A program that knows nothing under it offers nothing.
    case listed(String)

    /// What the word that stands for a value in the help says about it: `FILE`, `yes|no`, `PLACE`.
    init(placeholder: String) {
        let parts = placeholder.split(separator: "|").map(String.init)
        switch parts.first {
        case "FILE"?: self = .files
        case "DIR"?, "FOLDER"?: self = .folders
        case "TEXT"?, "N"?, "WORD"?, nil: self = .nothing
        case let first? where parts.count > 1 && first == first.lowercased(): self = .words(parts)
        case let first?: self = .listed(first)
        }
    }
}
