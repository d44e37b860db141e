/// Lower case without accents for Latin letters; other scripts only lose their capitals.
///
/// The standard library gives no decompositions without Foundation. The table covers Latin-1 Supplement, Latin
/// Extended-A and the Welsh and Romanian letters beyond them; combining marks U+0300 to U+036F are dropped.
enum LatinFolding {
    enum Folded: Equatable {
        case nothing
        case space
        case letters(String)
    }

    /// U+00C0 to U+017F in order; `·` stands for what has no letters.
    private static let table: [String] =
        """
        a a a a a a ae c e e e e i i i i d n o o o o o · o u u u u y th ss \
        a a a a a a ae c e e e e i i i i d n o o o o o · o u u u u y th y \
        a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g g \
        h h h h i i i i i i i i i i ij ij j j k k k l l l l l l l l l l n n n n n n n n n \
        o o o o o o oe oe r r r r r r s s s s s s s s t t t t t t \
        u u u u u u u u u u u u w w y y y z z z z z z s
        """.split(separator: " ").map(String.init)

    /// What stands in `plain` for a character that is left out.
    static let nothing: UInt8 = 0xFF

    /// `fold` of each ASCII character: its letter, a space, or `nothing`.
    static let plain: [UInt8] = (0..<0x80).map { value in
        switch fold(Unicode.Scalar(UInt8(value))) {
        case .nothing: nothing
        case .space: UInt8(ascii: " ")
        case .letters(let letters): letters.utf8.first ?? nothing
        }
    }

    static func fold(_ scalar: Unicode.Scalar) -> Folded {
        switch scalar.value {
        case 0x300...0x36F, 0x27, 0x2E, 0x2BC, 0x2018, 0x2019: return .nothing
        case 0x2D, 0x2010...0x2015: return .space
        case 0xC0...0x17F:
            let letters = table[Int(scalar.value) - 0xC0]
            return .letters(letters == "·" ? String(scalar) : letters)
        case 0x218, 0x219: return .letters("s")
        case 0x21A, 0x21B: return .letters("t")
        case 0x1E80...0x1E85: return .letters("w")
        case 0x1EF2, 0x1EF3: return .letters("y")
        case 0x1E9E: return .letters("ss")
        default: return scalar.properties.isWhitespace ? .space : .letters(scalar.properties.lowercaseMapping)
        }
    }
}
