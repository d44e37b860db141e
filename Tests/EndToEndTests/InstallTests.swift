import Foundation
import Testing

@Suite("Installing")
struct InstallTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path
    private static let script = root + "/.ci/install-programs"

    private func files(below folder: String) throws -> Set<String> {
        Set(
            try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
                var isFolder: ObjCBool = false
                return unsafe FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
                    && !isFolder.boolValue
            })
    }

    /// What stands below a prefix after both programs were installed there.
    private static let installed = Set(
        ["kith", "kith-server"].flatMap { name in
            [
                "bin/\(name)", "share/man/man1/\(name).1", "share/bash-completion/completions/\(name)",
                "share/zsh/site-functions/_\(name)", "share/fish/vendor_completions.d/\(name).fish",
            ]
        })

    @Test(
        "make install PREFIX=FOLDER puts everything there, below DESTDIR, and make uninstall takes all of it away",
        .enabled(if: Programs.isInstalled("make"), "make is not installed"))
    func makeTarget() throws {
        let scratch = try Scratch()
        // The programs are built already: what stands for swift says where.
        let bin = URL(fileURLWithPath: Programs.client).deletingLastPathComponent().path
        let swift = try scratch.write(
            "swift", "#!/bin/sh\ncase \"$*\" in *--show-bin-path*) echo '\(bin)' ;; esac\n", isExecutable: true)
        let words = [
            "-C", Self.root, "SWIFT=\(swift)", "DESTDIR=\(scratch.path("stage"))", "PREFIX=/opt/k",
        ]
        let told = try Child("/usr/bin/env", ["make", "install"] + words).finish().succeeded()
        #expect(try files(below: scratch.path("stage/opt/k")) == Self.installed, "\(told)")
        let version = try Child(scratch.path("stage/opt/k/bin/kith-server"), ["--version"]).finish().succeeded().output
        #expect(version.hasPrefix("kith-server "), "\(version)")
        try Child("/usr/bin/env", ["make", "uninstall"] + words).finish().succeeded()
        #expect(try files(below: scratch.path("stage/opt/k")).isEmpty)
    }

    @Test("What make install puts below a prefix is the programs, manual pages and completions, and all goes again")
    func install() throws {
        let scratch = try Scratch()
        let prefix = scratch.path("stage/usr/local")
        let bin = URL(fileURLWithPath: Programs.client).deletingLastPathComponent().path
        try Child(Self.script, [prefix], environment: ["KITH_BIN": bin]).finish().succeeded()
        #expect(try files(below: prefix) == Self.installed)
        let version = try Child("\(prefix)/bin/kith", ["--version"]).finish().succeeded().output
        #expect(version == "kith 0.1.0\n", "\(version)")
        let page = try String(contentsOfFile: "\(prefix)/share/man/man1/kith-server.1", encoding: .utf8)
        #expect(page.hasPrefix(".TH "), "\(page.prefix(80))")
        try Child(Self.script, ["--remove", prefix]).finish().succeeded()
        #expect(try files(below: prefix).isEmpty)
    }
}
