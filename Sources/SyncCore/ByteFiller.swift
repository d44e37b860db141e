/// Writes numbers and values one behind the other, for hashing, into room that was made for them beforehand.
@safe
package struct ByteFiller: ~Copyable {
    private let room: UnsafeMutableRawBufferPointer
    private var count = 0

    fileprivate init(_ room: UnsafeMutableRawBufferPointer) { unsafe self.room = unsafe room }

    /// Appends one byte.
    package mutating func append(_ byte: UInt8) {
        let place = advance(1)
        unsafe room.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
    }

    /// Appends the eight bytes of a number in network order.
    package mutating func append(_ number: UInt64) {
        let place = advance(8)
        unsafe room.storeBytes(of: number.bigEndian, toByteOffset: place, as: UInt64.self)
    }

    /// Appends eight bytes of time and four of device, in network order.
    package mutating func append(_ stamp: Stamp) {
        append(stamp.time)
        let place = advance(4)
        unsafe room.storeBytes(of: stamp.device.bigEndian, toByteOffset: place, as: UInt32.self)
    }

    /// Appends the type of a value and its content, which begins with its length where that differs: as many bytes as
    /// `Value.filledBytes` says.
    package mutating func append(_ value: Value) {
        switch value {
        case .null: append(UInt8(0))
        case .integer(let number): append(1, UInt64(bitPattern: number))
        case .real(let number): append(2, number.bitPattern)
        case .text(var text): text.withUTF8 { unsafe append(3, UnsafeRawBufferPointer($0)) }
        case .blob(let content): unsafe content.withUnsafeBytes { unsafe append(4, $0) }
        }
    }

    private mutating func append(_ type: UInt8, _ number: UInt64) {
        let place = advance(9)
        unsafe room.storeBytes(of: type, toByteOffset: place, as: UInt8.self)
        unsafe room.storeBytes(of: number.bigEndian, toByteOffset: place + 1, as: UInt64.self)
    }

    private mutating func append(_ type: UInt8, _ content: UnsafeRawBufferPointer) {
        let place = advance(9 + content.count)
        unsafe room.storeBytes(of: type, toByteOffset: place, as: UInt8.self)
        unsafe room.storeBytes(of: UInt64(content.count).bigEndian, toByteOffset: place + 1, as: UInt64.self)
        guard let from = content.baseAddress, let to = unsafe room.baseAddress else { return }
        unsafe (to + place + 9).copyMemory(from: from, byteCount: content.count)
    }

    /// Appends the number of a field, the stamp of its value, and the value.
    package mutating func append(field: UInt8, _ stamp: Stamp, _ value: Value) {
        let place = advance(13)
        unsafe room.storeBytes(of: field, toByteOffset: place, as: UInt8.self)
        unsafe room.storeBytes(of: stamp.time.bigEndian, toByteOffset: place + 1, as: UInt64.self)
        unsafe room.storeBytes(of: stamp.device.bigEndian, toByteOffset: place + 9, as: UInt32.self)
        append(value)
    }

    /// The place for so many more bytes.
    private mutating func advance(_ bytes: Int) -> Int {
        precondition(unsafe room.count - count >= bytes, "more bytes than there is room for")
        defer { count += bytes }
        return count
    }
}

extension Value {
    /// How many bytes `ByteFiller` takes for the value.
    package var filledBytes: Int {
        switch self {
        case .null: 1
        case .integer, .real: 9
        case .text(let text): 9 + text.utf8.count
        case .blob(let bytes): 9 + bytes.count
        }
    }
}

extension [UInt8] {
    /// Makes room for so many bytes, in place of what was there, and has it filled.
    package mutating func fill(count: Int, _ body: (inout ByteFiller) -> Void) {
        if self.count != count {
            removeAll(keepingCapacity: true)
            append(contentsOf: repeatElement(0, count: count))
        }
        unsafe withUnsafeMutableBytes { room in
            var filler = unsafe ByteFiller(room)
            body(&filler)
        }
    }
}
