import Testing

@testable import Simulation

@Suite("Agreement with the merge model")
struct AgreementTests {
    /// One device writes one value, which the server takes as it is.
    private func world(current: String, versions: String = "[[1,1,3,65536000000000000,1]]", final: String = "[]")
        -> String
    {
        """
        {"seed":1,"mode":"server","devices":2,"errors":[0,0],"leftOut":0,"steps":[\
        ["push",1,1000000000000,1000000000000,1,0,[[1,1,3,65536000000000000,null]],\(final)],\
        ["pull",2,1000000000000,[[1,1,3,65536000000000000,1]]]],\
        "current":\(current),"versions":\(versions),"conflicts":[],"living":[[1,1],[2,1],[3,1]]}
        """
    }

    private func difference(in line: String, on stage: Stage) throws -> String? {
        Agreement.difference(in: try ModelWorld(line: line), on: stage)
    }

    @Test("A world that ends as the engine does agrees")
    func agrees() throws {
        #expect(try difference(in: world(current: "[[1,1,3,65536000000000000,1]]"), on: Stage(number: 900)) == nil)
    }

    @Test("Another winner, another history and another final time are each told")
    func differs() throws {
        let other = "[[1,1,4,65536000000000000,1]]"
        let same = "[[1,1,3,65536000000000000,1]]"
        // Tests run side by side, and disks of one number are one.
        let stage = try Stage(number: 901)
        #expect(try difference(in: world(current: other), on: stage)?.contains("in force") == true)
        #expect(
            try difference(in: world(current: same, versions: other), on: stage)?.contains("in the history") == true)
        let final = "[[65536000000000000,65536000000000001]]"
        #expect(
            try difference(in: world(current: same, final: final), on: stage)?
                .hasPrefix("step 0: among the final times") == true)
    }

    @Test("A line that record-worlds did not write is refused")
    func unreadable() {
        #expect(throws: (any Error).self) { try ModelWorld(line: "{}") }
        #expect(throws: (any Error).self) { try ModelWorld(line: "[") }
    }
}
