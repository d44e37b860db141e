import Compression
import Foundation

/// Makes `Sources/Compression/WireDictionary+Bytes.swift` from `sentences.txt`: the same text always makes the same bytes,
/// with the same version of zstd.
let sampleCount = 12_000
let dictionaryBytes = 32 << 10
let lineLength = 108

guard CommandLine.arguments.count == 3 else {
    print("Usage: kith-dictionary SENTENCES SWIFT-FILE")
    exit(2)
}
let sentences = try String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8)
    .split(separator: "\n").map(String.init)
var messages = SampleMessages(sentences: sentences, seed: 1)
let samples = try (0..<sampleCount).map { _ in try messages.next() }
let bytes = try CompressionDictionary.train(on: samples, limitBytes: dictionaryBytes)
let dictionary = try CompressionDictionary(bytes: bytes, level: WireDictionary.level)

var lines: [String] = []
var rest = Data(bytes).base64EncodedString()[...]
while !rest.isEmpty {
    lines.append("        " + rest.prefix(lineLength))
    rest = rest.dropFirst(lineLength)
}
try """
// Made by `make dictionary`; see docs/protocol.md.
extension WireDictionary {
    /// The bytes that `ZDICT_trainFromBuffer` made, in base 64.
    static let encoded = \"\"\"
\(lines.joined(separator: "\n"))
        \"\"\"
}

""".write(toFile: CommandLine.arguments[2], atomically: true, encoding: .utf8)

// Whether it is worth its bytes: messages that it was not made from.
let plain = try Compressor()
let codec = try BodyCodec()
var totals = (message: 0, plain: 0, coded: 0)
for _ in 0..<500 {
    let message = try messages.next()
    totals.message += message.count
    totals.plain += try plain.compress(message).count
    totals.coded += try Compressor(isBare: true).compress(message, dictionary: dictionary).count - 4
}
print(
    "\(bytes.count) bytes, id \(dictionary.id). 500 other messages: \(totals.message) bytes, \(totals.plain) by zstd alone, "
        + "\(totals.coded) with the dictionary.")
