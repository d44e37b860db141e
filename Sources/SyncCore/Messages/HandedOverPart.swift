/// How much a device has handed over before a step: part 28 of such a request, `[number]`.
///
/// A step may arrive late, or in the middle of a handover at a server that was put back once more. What it leaves out would count as
/// gone for good there, and it is not: it went before this step.
extension SyncRequest {
    /// The number of the last of the device's groups that the server has by then; 0 where that is not said.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func handedOver() throws(CBORError) -> UInt64 {
        guard let part = parts[.handedOver] else { return 0 }
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let number = try reader.readNumber()
        try reader.finish()
        return number
    }

    /// Says it; nothing where it is 0.
    package mutating func set(handedOver number: UInt64) {
        guard number > 0 else {
            parts[.handedOver] = nil
            return
        }
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.unsigned(number)
        parts[.handedOver] = writer.bytes
    }
}
