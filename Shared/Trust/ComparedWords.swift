/// Six words that two sides of an enrolment read to each other: the same where both hold the same keys.
///
/// Each stands for a byte of a hash over the office's key, the laptop's key, the key of the server's TLS and the laptop's
/// number. Whoever stood between them would need other keys with the same 48 bits.
package enum ComparedWords {
    /// How many words are compared.
    package static let count = 6
    /// What stands before the hashed bytes, so that no other hash is mistaken for this.
    private static let domain = Array("kith words 1\n".utf8)

    /// What is hashed.
    ///
    /// - Parameters:
    ///   - officeKey: the public key that the ledger is signed with.
    ///   - deviceKey: the public key that the laptop signs with.
    ///   - pin: SHA-256 of the server's TLS key.
    ///   - device: the laptop's number.
    package static func content(officeKey: [UInt8], deviceKey: [UInt8], pin: [UInt8], device: UInt32) -> [UInt8] {
        let number = (0..<4).map { UInt8(truncatingIfNeeded: device >> UInt32(24 - 8 * $0)) }
        return domain + officeKey + deviceKey + pin + number
    }

    /// The words of a hash, in the order of its first bytes.
    package static func words(of hash: [UInt8]) -> [String] { hash.prefix(count).map { list[Int($0)] } }

    /// 256 words that are told apart when read out.
    package static let list = """
        acorn amber anchor apple apron arch arrow aspen attic autumn bacon badge baker bamboo banjo barley
        barrel basil basket beacon beaver bench berry birch biscuit blanket blossom bottle boulder branch
        bread brick bridge bronze brook brush bucket button cabin cactus candle canvas carpet carrot castle
        cedar cellar cherry chimney cider cinder circle clay cliff clock clover cobalt coffee copper coral
        corner cotton cradle crane cricket crystal curtain daisy dancer desert diamond dinner dolphin donkey
        dragon drum eagle easel echo elbow elder ember engine falcon farmer feather fence fern ferry fiddle
        finger flag flint flour flute forest fossil fountain fox frost garden garlic gate ginger glacier
        glove goose grain granite grape gravel guitar hammer harbour harvest hazel hedge helmet heron hill
        honey horse island ivory ivy jacket jasmine jelly jewel jigsaw juniper kettle kitchen kite ladder
        lake lantern laurel lemon lettuce lilac linen lion lizard lobster locket magnet maple marble market
        meadow melon mill mirror mitten monkey moss motor mountain mushroom nail needle nest noodle nutmeg
        oak oasis ocean olive onion orange orchard otter oven oyster paddle paint palace panda paper parsley
        parrot pasture peach peanut pebble pencil pepper piano pigeon pillow pine planet plum pocket pond
        poppy potato pottery pumpkin puzzle quarry quilt rabbit radish rain raven reed ribbon river robin
        rocket rope rose saddle sail salmon sand scarf sea shell shovel silk silver sofa spade sparrow spoon
        spring squirrel stable star stone stream summer swan table tailor temple thistle thunder tiger
        timber tomato tower trumpet tulip tunnel turnip umbrella valley velvet violin wagon walnut window
        """.split(whereSeparator: \.isWhitespace).map(String.init)
}
