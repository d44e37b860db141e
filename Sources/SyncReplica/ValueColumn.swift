import Database
import SyncCore

/// Values of any type in columns without one.
extension Statement {
    func bind(_ index: Int, value: Value) throws(DatabaseError) {
        switch value {
        case .null: try bindNull(index)
        case .integer(let number): try bind(index, number)
        case .real(let number): try bind(index, number)
        case .text(let text): try bind(index, text)
        case .blob(let bytes): try bind(index, bytes)
        }
    }

    func bind(_ index: Int, optional number: Int64?) throws(DatabaseError) {
        if let number { try bind(index, number) } else { try bindNull(index) }
    }

    func bind(_ index: Int, time: UInt64) throws(DatabaseError) { try bind(index, Int64(bitPattern: time)) }

    /// The stamp in two columns, time first.
    func stamp(_ column: Int) -> Stamp {
        Stamp(time: UInt64(bitPattern: integer(column)), device: UInt32(truncatingIfNeeded: integer(column + 1)))
    }

    func anyValue(_ column: Int) -> Value {
        switch type(column) {
        case .null: .null
        case .integer: .integer(integer(column))
        case .real: .real(double(column))
        case .text: .text(text(column))
        case .blob: .blob(blob(column))
        }
    }
}
