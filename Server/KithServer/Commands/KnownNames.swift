import OutreachModel
import SyncHub
import Terminal

/// Names of people and areas that are given at the office: no two that look alike stand for different ones.
enum KnownNames {
    /// Throws a usage failure for characters that nobody sees and that would make two names look alike; those that join letters or
    /// keep them apart, as Persian and the languages of India need them, may be there.
    static func checkIsSeen(_ name: String, what: String) throws(CommandFailure) {
        let isHidden = name.unicodeScalars.contains { scalar in
            scalar.properties.generalCategory == .control
                || scalar.properties.isDefaultIgnorableCodePoint && !["\u{200C}", "\u{200D}"].contains(scalar)
        }
        guard isHidden else { return }
        throw CommandFailure(
            exitCode: .usage, message: "The name of \(what) holds a character that can't be seen. Nothing was changed.")
    }

    /// Throws a usage failure for characters that nobody sees, and for a name that differs from a known one by capitals, accents,
    /// spaces or hyphens alone.
    ///
    /// - Parameters:
    ///   - known: the names that there are; one of them may be named as it is written.
    ///   - way: what to say where it is meant so; nil where it can't be.
    static func check(_ name: String, among known: some Sequence<String>, what: String, way: String?)
        throws(CommandFailure)
    {
        try checkIsSeen(name, what: what)
        let names = Array(known)
        guard !names.contains(name), let similar = names.first(where: { TextMatch.key($0) == TextMatch.key(name) })
        else { return }
        let hint = way.map { " If somebody else is meant, say \($0)." } ?? " Choose a name that is not so alike."
        throw CommandFailure(
            exitCode: .usage,
            message: "There is \(what) called \(similar) already: write the name so.\(hint) Nothing was changed.")
    }
}
