import Foundation

/// What a program printed, and how it ended.
struct Outcome: CustomStringConvertible {
    let command: String
    /// The exit code, or minus the number of the signal that ended it.
    let code: Int32
    let outputBytes: Data
    let errorBytes: Data

    var output: String { String(decoding: outputBytes, as: UTF8.self) }
    var errors: String { String(decoding: errorBytes, as: UTF8.self) }
    var description: String { "\(command)\nended with \(code)\nprinted: \(output)\ntold: \(errors)" }

    /// Every line, of results and of messages.
    var lines: [Substring] { (output + errors).split(separator: "\n", omittingEmptySubsequences: false) }

    /// The JSON value on standard output.
    func json() throws -> JSON {
        do {
            return JSON(try JSONSerialization.jsonObject(with: outputBytes, options: .fragmentsAllowed))
        } catch {
            throw HarnessFailure("No JSON value: \(self)")
        }
    }

    /// Itself, where the program ended well.
    @discardableResult
    func succeeded() throws -> Outcome {
        guard code == 0 else { throw HarnessFailure("Not done: \(self)") }
        return self
    }
}

/// A JSON value as a test reads it.
struct JSON: CustomStringConvertible {
    private let value: Any?

    init(_ value: Any?) { self.value = value }

    var isNull: Bool { value == nil || value is NSNull }
    var string: String? { value as? String }
    var integer: Int? { (value as? NSNumber)?.intValue }
    var boolean: Bool? { value as? Bool }
    var array: [JSON]? { (value as? [Any])?.map(JSON.init) }
    var object: [String: JSON]? { (value as? [String: Any])?.mapValues(JSON.init) }
    var keys: Set<String> { Set(object.map { Array($0.keys) } ?? []) }
    var description: String { value.map { "\($0)" } ?? "nothing" }

    subscript(key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
    subscript(index: Int) -> JSON {
        guard let array = value as? [Any], array.indices.contains(index) else { return JSON(nil) }
        return JSON(array[index])
    }

    /// The text, which must be there.
    func text() throws -> String {
        guard let string else { throw HarnessFailure("No text: \(self)") }
        return string
    }
}
