import Terminal
import Testing

@Suite("JSON")
struct JSONTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test("A value comes back as it was written, in order")
    func roundTrip() throws {
        let value: JSONValue = [
            "z": 1,
            "a": [nil, true, false, .real(0.1), .real(-0.0), .real(1e300), .real(.leastNonzeroMagnitude), .real(3)],
            "text": .string(
                (0..<0x300).compactMap(Unicode.Scalar.init).map(String.init).joined() + "\u{2028}👩‍👩‍👧\u{10FFFF}"),
            "empty": [:], "": [], "least": .integer(.min), "greatest": .integer(.max),
        ]
        #expect(try parse(value.encoded()) == value)
    }

    @Test(
        "Values are written on one line, controls escaped",
        arguments: [
            (["b": 1, "a": nil], #"{"b":1,"a":null}"#),
            ("q\"\\/\n\r\t\u{8}", #""q\"\\/\n\r\t\u0008""#),
            ("\u{1B}\u{7F}\u{9B}\u{2028}\u{202E}é", #""\u001b\u007f\u009b\u2028\u202eé""#),
            ([.real(1), .real(.infinity), .real(.nan), .real(1e20)], "[1.0,null,null,1e+20]"),
            ([JSONValue(3), JSONValue(nil as String?), JSONValue("x" as String?)], #"[3,null,"x"]"#),
        ] as [(JSONValue, String)])
    func encoding(_ value: JSONValue, _ text: String) {
        #expect(value.encoded() == text)
    }

    @Test(
        "Correct texts are read",
        arguments: [
            (" [ 1 , -0 , 1.5e+2 , 0E1 ] \n", [1, 0, .real(150), .real(0)]),
            (#""\u00e9\ud83d\udc4d\/\b\f""#, "é👍/\u{8}\u{c}"), ("{}", [:]), ("[]", []),
            (#"{"a":{"a":[]}}"#, ["a": ["a": []]]),
            // Two names that Swift calls equal, but whose bytes differ.
            ("{\"\u{E9}\":1,\"e\u{301}\":2}", ["\u{E9}": 1, "e\u{301}": 2]),
        ] as [(String, JSONValue)])
    func reading(_ text: String, _ value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        "Wrong texts are refused with the place of the mistake",
        arguments: [
            ("", JSONError.Problem.unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("[1,]", .unexpectedByte, 3),
            ("[1 2]", .unexpectedByte, 3), ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1),
            ("01", .unexpectedByte, 1), ("-", .unexpectedEnd, 1), ("+1", .unexpectedByte, 0), ("1.", .unexpectedEnd, 2),
            (".5", .unexpectedByte, 0), ("1e", .unexpectedEnd, 2), ("tru", .unexpectedEnd, 3),
            ("nul1", .unexpectedByte, 3),
            ("\"a", .unexpectedEnd, 2), ("\"a\nb\"", .unexpectedByte, 2), (#""\x""#, .wrongEscape, 2),
            (#""\ud800""#, .wrongEscape, 3), (#""\udc00""#, .wrongEscape, 3), (#""\ud800\u0041""#, .wrongEscape, 3),
            (#""\u00g0""#, .wrongEscape, 5), ("1 1", .unexpectedByte, 2), ("9223372036854775808", .numberOutOfRange, 0),
            ("1e999", .numberOutOfRange, 0), (#"{"a":1,"a":2}"#, .repeatedName, 7), ("// x", .unexpectedByte, 0),
        ] as [(String, JSONError.Problem, Int)])
    func refused(_ text: String, _ problem: JSONError.Problem, _ offset: Int) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.problem == problem)
        #expect(error?.offset == offset)
    }

    @Test("Wrong UTF-8 is refused")
    func wrongUTF8() {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
        #expect(error?.problem == .notUTF8)
    }

    @Test("Depth and length are bounded")
    func bounds() throws {
        let limit = JSONParser.maximumDepth
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        #expect(try parse(deepest).encoded() == deepest)
        let error = #expect(throws: JSONError.self) { try parse("[" + deepest + "]") }
        #expect(error?.problem == .tooDeep(limit: limit))
        let long = #expect(throws: JSONError.self) { try JSONParser.parse(Array("[1,2]".utf8), maximumBytes: 4) }
        #expect(long?.problem == .tooLong(limitBytes: 4))
    }

    @Test("A member is found by its name")
    func member() {
        let value: JSONValue = ["a": 1, "b": ["c": "d"]]
        #expect(value["b"]?["c"] == "d")
        #expect(value["x"] == nil)
        #expect(JSONValue.null["a"] == nil)
    }
}
