/// How far a handover has come before a step: part 28, `[number, steps]` in a request, `[steps]` in a reply.
///
/// A step may arrive late, or in the middle of a handover at a server that was put back once more. What went before it is lost there,
/// and what it leaves out would count as gone for good, what it does not bring again as known.
package struct HandoverProgress: Hashable, Sendable {
    /// The number of the last of the device's groups that the server has by then.
    package var groups: UInt64
    /// How many steps of the device the server had taken in its present history, by its last reply.
    package var steps: UInt64

    package init(groups: UInt64 = 0, steps: UInt64 = 0) {
        self.groups = groups
        self.steps = steps
    }
}

extension SyncRequest {
    /// What went before the step of this request; nothing where that is not said.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func handoverProgress() throws(CBORError) -> HandoverProgress {
        guard let part = parts[.handoverProgress] else { return HandoverProgress() }
        var reader = CBORReader(part)
        _ = try reader.readArray(2...2)
        let progress = HandoverProgress(groups: try reader.readNumber(), steps: try reader.readNumber())
        try reader.finish()
        return progress
    }

    /// Says it; nothing before the first step.
    package mutating func set(_ progress: HandoverProgress) {
        guard progress != HandoverProgress() else {
            parts[.handoverProgress] = nil
            return
        }
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(progress.groups)
        writer.unsigned(progress.steps)
        parts[.handoverProgress] = writer.bytes
    }
}

extension SyncReply {
    /// How many steps of the device the server has taken in its present history; 0 where it does not say.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func handoverSteps() throws(CBORError) -> UInt64 {
        guard let part = parts[.handoverProgress] else { return 0 }
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let steps = try reader.readNumber()
        try reader.finish()
        return steps
    }

    /// Says it; nothing where there are none.
    package mutating func set(handoverSteps steps: UInt64) {
        guard steps > 0 else {
            parts[.handoverProgress] = nil
            return
        }
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.unsigned(steps)
        parts[.handoverProgress] = writer.bytes
    }
}
