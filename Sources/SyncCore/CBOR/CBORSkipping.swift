/// Passing over items whole, as strictly as reading them.
extension CBORReader {
    /// Passes over one item with everything in it; a tag counts as part of what it stands before.
    package mutating func skip() throws(CBORError) { try skip(depth: 0) }

    /// Reads one item as it stands, to keep what is not known and pass it on with `CBORWriter.item`.
    package mutating func readItem() throws(CBORError) -> [UInt8] {
        let start = offset
        try skip()
        return Array(source[start..<offset])
    }

    /// - Parameter depth: how many arrays, maps and tags the item is in.
    private mutating func skip(depth: Int) throws(CBORError) {
        switch try peek() {
        case .unsigned: _ = try readHead(0)
        case .negative: _ = try readHead(1)
        case .bytes: _ = try readContent(2)
        case .text: _ = try readText()
        case .bool: _ = try readBool()
        case .null: try readNull()
        case .real: _ = try readReal()
        case .array:
            try checkDepth(depth)
            for _ in 0..<(try readArray()) { try skip(depth: depth + 1) }
        case .map:
            try checkDepth(depth)
            try skipPairs(count: try readMap(), depth: depth + 1)
        case .tag:
            try checkDepth(depth)
            _ = try readHead(6)
            try skip(depth: depth + 1)
        }
    }

    private func checkDepth(_ depth: Int) throws(CBORError) {
        guard depth < limits.depth else { throw .tooDeep(offset: offset) }
    }

    /// Passes over the pairs of a map, whose keys must ascend bytewise (RFC 8949, section 4.2.1).
    private mutating func skipPairs(count: Int, depth: Int) throws(CBORError) {
        var previous: Range<Int>?
        for _ in 0..<count {
            let start = offset
            try skip(depth: depth)
            let key = start..<offset
            if let previous, !source[previous].lexicographicallyPrecedes(source[key]) {
                throw .notCanonical(offset: start)
            }
            previous = key
            try skip(depth: depth)
        }
    }
}
