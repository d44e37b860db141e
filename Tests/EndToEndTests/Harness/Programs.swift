import Foundation

/// Where the two built programs are: beside the test bundle, or where `KITH_BIN` says.
enum Programs {
    static let client = folder.appendingPathComponent("kith").path
    static let server = folder.appendingPathComponent("kith-server").path

    /// Whether a program of the system can be started by its name.
    static func isInstalled(_ name: String) -> Bool {
        ProcessInfo.processInfo.environment["PATH", default: "/usr/bin"].split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    private static let folder: URL = {
        if let given = ProcessInfo.processInfo.environment["KITH_BIN"], !given.isEmpty {
            return URL(fileURLWithPath: given, isDirectory: true)
        }
        let candidates =
            [CommandLine.arguments.first, Bundle.main.bundlePath, Bundle.main.executablePath]
            .compactMap(\.self) + Bundle.allBundles.map(\.bundlePath)
        for candidate in candidates {
            var place = URL(fileURLWithPath: candidate).standardizedFileURL
            while place.path != "/" {
                place.deleteLastPathComponent()
                let built = place.appendingPathComponent("kith-server").path
                if FileManager.default.isExecutableFile(atPath: built) { return place }
            }
        }
        return URL(fileURLWithPath: "/programs-not-built; set KITH_BIN", isDirectory: true)
    }()
}
