import Foundation

/// The commands of a built program, as its own manual page lists them: a new command is in every test that goes
/// through them.
struct CommandList {
    /// The commands that can be run, each as the words after the program's name.
    let runnable: [[String]]

    init(_ program: String) throws {
        let page = try Child(program, ["manual"]).finish().succeeded().output
        let titles = page.split(separator: "\n").filter { $0.hasPrefix(".SS ") }
        runnable = titles.map { title in
            title.dropFirst(4).split(separator: " ").dropFirst().map { $0.filter { $0 != "\\" } }
        }
        guard runnable.count > 10 else { throw HarnessFailure("No commands in the manual page: \(page.prefix(400))") }
    }

    /// The program itself, every group and every command.
    var all: [[String]] {
        var all: [[String]] = [[]]
        for command in runnable {
            for end in 1...command.count where !all.contains(Array(command.prefix(end))) {
                all.append(Array(command.prefix(end)))
            }
        }
        return all
    }
}
