import Foundation

/// A worker's laptop: a folder of its own in which `kith` runs.
final class Laptop {
    let scratch: Scratch
    let person: String
    let home: String

    init(_ person: String, home: String? = nil) throws {
        scratch = try Scratch()
        self.person = person
        self.home = home ?? scratch.path("home")
    }

    var device: String { "\(person)'s laptop" }
    var database: String { "\(home)/kith.sqlite" }

    /// Starts `kith` and leaves it running.
    func start(_ words: [String], input: Child.Input = .nothing, environment: [String: String] = [:]) throws -> Child {
        try Child(Programs.client, words, environment: ["KITH_HOME": home].merging(environment) { $1 }, input: input)
    }

    /// Runs `kith` to its end.
    @discardableResult
    func run(_ words: String..., input: Child.Input = .nothing, environment: [String: String] = [:]) throws -> Outcome {
        try start(words, input: input, environment: environment).finish()
    }

    /// Runs `kith`, which must succeed, and reads the JSON that it prints.
    @discardableResult
    func json(_ words: String..., input: Child.Input = .nothing, environment: [String: String] = [:]) throws -> JSON {
        try start(words + ["--json"], input: input, environment: environment).finish().succeeded().json()
    }

    /// Adds a visit and tells its id.
    func visit(_ place: String, _ when: String = "2026-11-22 14:30", summary: String? = nil) throws -> String {
        let words = ["visit", "add", place, when, "--json"] + (summary.map { ["--summary", $0] } ?? [])
        return try start(words).finish().succeeded().json()["id"].text()
    }

    /// The visit of an id as `visit list` tells it.
    func listed(_ id: String) throws -> JSON {
        let all = try json("visit", "list").array ?? []
        return all.first { $0["id"].string == id } ?? JSON(nil)
    }

    /// All records in their canonical form, one kind after the other.
    func exported() throws -> String {
        try ["visits", "meetings", "places", "people"].map { try run("export", $0).succeeded().output }.joined()
    }
}

extension Office {
    /// All records in their canonical form, one kind after the other.
    func exported() throws -> String {
        try ["visits", "meetings", "places", "people"].map { try run("export", $0).succeeded().output }.joined()
    }
}
