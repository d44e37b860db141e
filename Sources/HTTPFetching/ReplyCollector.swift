/// Gathers what libcurl receives, within bounds.
final class ReplyCollector {
    /// Largest sum of the headers of a reply, in bytes.
    static let headersLimitBytes = 64 << 10

    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    private(set) var isTooLarge = false
    private var headerBytes = 0
    private let limitBytes: Int
    private var whenSent: (() -> Void)?

    /// - Parameter whenSent: called once when all of the request is sent.
    init(limitBytes: Int, whenSent: (() -> Void)?) {
        self.limitBytes = limitBytes
        self.whenSent = whenSent
    }

    /// Notes that all of the request is sent; libcurl says so again and again.
    func noteSent() {
        let work = whenSent
        whenSent = nil
        work?()
    }

    /// Takes a piece of the body; false ends the fetch.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= limitBytes else {
            isTooLarge = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// Takes a line of the head; a new status line, after a 100 for example, starts afresh. False ends the fetch.
    func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headersLimitBytes else {
            isTooLarge = true
            return false
        }
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = []
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append((String(line[..<colon]), Self.trimmed(value)))
        }
        return true
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
