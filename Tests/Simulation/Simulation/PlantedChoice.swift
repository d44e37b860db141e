import SyncCore
import Terminal

/// Which planted mistake this process has; none in a build without them.
enum PlantedChoice {
    static var names: [String] {
        #if PlantedBugs
            PlantedBug.allCases.map(\.rawValue)
        #else
            []
        #endif
    }

    /// The option that chooses the same mistake again, with a space behind it; empty where none is chosen.
    static var option: String {
        #if PlantedBugs
            unsafe PlantedBug.chosen.map { "--planted \($0.rawValue) " } ?? ""
        #else
            ""
        #endif
    }

    /// Chooses one, before anything runs.
    static func choose(_ name: String) throws(CommandFailure) {
        #if PlantedBugs
            if let bug = PlantedBug(rawValue: name) {
                unsafe PlantedBug.chosen = bug
                return
            }
        #endif
        throw CommandFailure(
            exitCode: .usage, message: "This build has no planted mistake of that name. Nothing ran.",
            next: "kith-simulate --list-planted")
    }
}
