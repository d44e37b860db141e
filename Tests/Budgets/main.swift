import KithClient
import SyncCore

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

// Fixed work, whose instructions are counted from outside (`Tests/Budgets/check`): the same number of steps does the same
// each time.
//
//     kith-budget merge|decode STEPS
//     kith-budget add STEPS FOLDER       FOLDER is empty
//     kith-budget home FOLDER            makes a laptop there that has joined an office, for `kith visit add`
do {
    let words = Array(CommandLine.arguments.dropFirst())
    switch words.first {
    case "merge" where words.count == 2: try FixedMerge().run(Int(words[1]) ?? 0)
    case "decode" where words.count == 2: try FixedDecode().run(Int(words[1]) ?? 0)
    case "add" where words.count == 3: try FixedLaptop(folder: words[2]).add(Int(words[1]) ?? 0)
    case "home" where words.count == 2: try FixedLaptop(folder: words[1]).addPlace()
    default:
        print("usage: kith-budget merge|decode STEPS, add STEPS FOLDER, home FOLDER")
        exit(2)
    }
} catch {
    print("\(error)")
    exit(1)
}
