import Foundation
import Testing

@Suite("Installing")
struct InstallTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../.ci/install-programs").standardizedFileURL.path

    private func files(below folder: String) throws -> Set<String> {
        Set(
            try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
                var isFolder: ObjCBool = false
                return unsafe FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
                    && !isFolder.boolValue
            })
    }

    @Test("What make install puts below a prefix is the programs, manual pages and completions, and all goes again")
    func install() throws {
        let scratch = try Scratch()
        let prefix = scratch.path("stage/usr/local")
        let bin = URL(fileURLWithPath: Programs.client).deletingLastPathComponent().path
        try Child(Self.script, [prefix], environment: ["KITH_BIN": bin]).finish().succeeded()
        var expected: Set<String> = []
        for name in ["kith", "kith-server"] {
            expected.formUnion([
                "bin/\(name)", "share/man/man1/\(name).1", "share/bash-completion/completions/\(name)",
                "share/zsh/site-functions/_\(name)", "share/fish/vendor_completions.d/\(name).fish",
            ])
        }
        #expect(try files(below: prefix) == expected)
        let version = try Child("\(prefix)/bin/kith", ["--version"]).finish().succeeded().output
        #expect(version == "kith 0.1.0\n", "\(version)")
        let page = try String(contentsOfFile: "\(prefix)/share/man/man1/kith-server.1", encoding: .utf8)
        #expect(page.hasPrefix(".TH "), "\(page.prefix(80))")
        try Child(Self.script, ["--remove", prefix]).finish().succeeded()
        #expect(try files(below: prefix).isEmpty)
    }
}
