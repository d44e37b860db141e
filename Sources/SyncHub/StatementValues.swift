import Database
import SyncCore

/// Engine values in columns. Packed times and other 64-bit numbers are stored by their bits.
extension Statement {
    /// The stamp in two columns: time, device.
    func stamp(_ column: Int) -> Stamp {
        Stamp(time: UInt64(bitPattern: integer(column)), device: UInt32(truncatingIfNeeded: integer(column + 1)))
    }

    /// Binds a stamp, or two nulls, to two parameters.
    func bindBase(_ stamp: Stamp?, _ index: Int) throws {
        guard let stamp else {
            try bindNull(index)
            try bindNull(index + 1)
            return
        }
        try bind(index, Int64(bitPattern: stamp.time))
        try bind(index + 1, Int64(stamp.device))
    }

    func bind(_ index: Int, _ value: Value) throws {
        switch value {
        case .null: try bindNull(index)
        case .integer(let number): try bind(index, number)
        case .real(let number): try bind(index, number)
        case .text(let text): try bind(index, text)
        case .blob(let bytes): try bind(index, bytes)
        }
    }

    func fieldValue(_ column: Int) -> Value {
        switch type(column) {
        case .null: .null
        case .integer: .integer(integer(column))
        case .real: .real(double(column))
        case .text: .text(text(column))
        case .blob: .blob(blob(column))
        }
    }
}

/// 128-bit numbers as 16 bytes, big-endian.
extension UInt128 {
    var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: self >> UInt128(120 - 8 * $0)) }
    }

    /// Nil where the count differs from 16.
    init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }
}
