// swift-tools-version: 6.2
import PackageDescription

/// One setting for every target: Swift 6 mode, warnings are errors, strict memory safety.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A C library of the system, seen through the module map in its folder.
func systemLibrary(_ name: String, pkgConfig: String?, apt: String, brew: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/\(name)", pkgConfig: pkgConfig,
        providers: [.apt([apt]), .brew([brew])])
}

/// A Swift module; its folder is `Sources/NAME` unless the path says otherwise.
func module(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: path ?? "Sources/\(name)", swiftSettings: settings)
}

/// What makes a program start quickly.
///
/// `make release` puts the archive of the C++ library that the Swift runtime needs in a folder of the build; where nothing lies
/// there, the shared one of the system is linked. To load that takes a tenth of the time of `kith visit add`; to load GCC's
/// unwinder, and to look the names of the other libraries up among thousands of ours, takes a tenth of what starting does. A
/// program that may lie anywhere in memory has 32,000 addresses to be filled in at each start; packed, as only LLVM's linker does,
/// they take 10 KB of the file and not 770, and a thirtieth of the start less.
let runtime: [LinkerSetting] = [
    .unsafeFlags(["-L\(Context.packageDirectory)/.build/runtime"], .when(platforms: [.linux])),
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
            "-Xlinker", "--no-export-dynamic", "-Xclang-linker", "-static-libgcc",
        ],
        .when(platforms: [.linux], configuration: .release)),
]

/// The tests of one module, in `Tests/NAMETests`.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", swiftSettings: settings)
}

let package = Package(
    name: "kith",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "kith", targets: ["kith"]),
        .executable(name: "kith-server", targets: ["kith-server"]),
        .executable(name: "kith-simulate", targets: ["kith-simulate"]),
        .library(name: "SyncCore", targets: ["SyncCore"]),
        .library(name: "SyncReplica", targets: ["SyncReplica"]),
        .library(name: "SyncHub", targets: ["SyncHub"]),
    ],
    traits: [
        .trait(
            name: "PlantedBugs",
            description: "Mistakes for the simulator to find, one chosen at run time. Never for what ships.")
    ],
    targets: [
        systemLibrary("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev", brew: "sqlite"),
        systemLibrary("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev", brew: "libmicrohttpd"),
        systemLibrary("CCurl", pkgConfig: nil, apt: "libcurl4-openssl-dev", brew: "curl"),
        systemLibrary("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev", brew: "libsodium"),
        systemLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev", brew: "zstd"),
        systemLibrary("CGnuTLS", pkgConfig: "gnutls", apt: "libgnutls28-dev", brew: "gnutls"),

        module("Database", ["CSQLite"]),
        module("Cryptography", ["CSodium"]),
        module("Compression", ["CSodium", "CZstd"]),
        module("SyncCore"),
        module("RecordStorage", ["SyncCore", "Database"]),
        module("SyncReplica", ["SyncCore", "Database", "RecordStorage"]),
        module("SyncHub", ["SyncCore", "Database", "RecordStorage"]),
        module("HTTPServing", ["CMicroHTTPD", "CGnuTLS"]),
        module("HTTPFetching", ["CCurl"]),
        module("Terminal"),
        module("Tabular", ["Terminal"]),
        module("OutreachModel", path: "Shared", ["SyncCore", "Tabular", "Terminal"]),

        module(
            "KithClient", path: "Client/KithClient",
            [
                "OutreachModel", "SyncCore", "SyncReplica", "RecordStorage", "Database", "Cryptography", "Compression",
                "HTTPFetching", "Terminal",
            ]),
        .executableTarget(
            name: "kith", dependencies: ["KithClient"], path: "Client/kith", swiftSettings: settings,
            linkerSettings: runtime),
        module(
            "KithServer", path: "Server/KithServer",
            [
                "OutreachModel", "SyncCore", "SyncHub", "RecordStorage", "Database", "Cryptography", "Compression",
                "HTTPServing", "Terminal",
            ]),
        .executableTarget(
            name: "kith-server", dependencies: ["KithServer"], path: "Server/kith-server", swiftSettings: settings,
            linkerSettings: runtime),

        .executableTarget(
            name: "kith-bench",
            dependencies: [
                "KithClient", "OutreachModel", "SyncReplica", "SyncHub", "SyncCore", "RecordStorage", "Database",
                "Cryptography", "Compression", "HTTPFetching", "Terminal",
            ],
            path: "Tests/Benchmarks", exclude: ["Floor", "Plain"], swiftSettings: settings),
        // What the same work costs in C, for comparison.
        .executableTarget(
            name: "kith-bench-floor", path: "Tests/Benchmarks/Floor", linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "kith-bench-plain", path: "Tests/Benchmarks/Plain", linkerSettings: [.linkedLibrary("sqlite3")]),

        // Makes the dictionary with which small messages are compressed.
        .executableTarget(
            name: "kith-dictionary", dependencies: ["OutreachModel", "SyncCore", "Compression"],
            path: "Tests/Dictionary", exclude: ["sentences.txt"], swiftSettings: settings),

        // Fixed work whose instructions are counted.
        .executableTarget(
            name: "kith-budget",
            dependencies: ["KithClient", "OutreachModel", "SyncReplica", "SyncCore", "Database", "Cryptography"],
            path: "Tests/Budgets", exclude: ["check", "figures"], swiftSettings: settings),

        .target(
            name: "CSimulatedDisk", dependencies: ["CSQLite"], path: "Tests/Simulation/CSimulatedDisk",
            publicHeadersPath: "include"),
        module(
            "Simulation", path: "Tests/Simulation/Simulation",
            [
                "CSimulatedDisk", "SyncReplica", "SyncHub", "SyncCore", "RecordStorage", "Database", "Cryptography",
                "Compression", "Terminal",
            ]),
        .executableTarget(
            name: "kith-simulate", dependencies: ["Simulation"], path: "Tests/Simulation/kith-simulate",
            swiftSettings: settings),

        tests("Database", ["Database"]),
        tests("Cryptography", ["Cryptography"]),
        tests("Compression", ["Compression"]),
        tests("SyncCore", ["SyncCore"]),
        tests("RecordStorage", ["RecordStorage", "SyncCore", "Database"]),
        tests("SyncReplica", ["SyncReplica", "SyncCore", "Database", "Cryptography"]),
        tests("SyncHub", ["SyncHub", "SyncReplica", "SyncCore", "RecordStorage", "Database", "Cryptography"]),
        tests("Simulation", ["Simulation", "Database", "Terminal"]),
        tests("HTTPServing", ["HTTPServing", "HTTPFetching"]),
        tests("HTTPFetching", ["HTTPFetching"]),
        tests("Terminal", ["Terminal"]),
        tests("Tabular", ["Tabular"]),
        tests("OutreachModel", ["OutreachModel", "SyncCore", "Tabular", "Terminal"]),
        tests(
            "KithClient",
            ["KithClient", "OutreachModel", "SyncCore", "SyncReplica", "Database", "Cryptography", "Terminal"]),
        tests(
            "KithServer",
            [
                "KithServer", "OutreachModel", "SyncCore", "SyncHub", "Database", "Cryptography", "Compression",
                "Terminal",
            ]),
        tests(
            "EndToEnd",
            ["kith", "kith-server", "OutreachModel", "SyncCore", "Compression", "HTTPServing"]),
    ]
)
