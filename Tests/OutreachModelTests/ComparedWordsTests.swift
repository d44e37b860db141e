import OutreachModel
import Testing

@Suite("Words to compare")
struct ComparedWordsTests {
    @Test("There is one word for each byte, no two alike, in small letters")
    func list() {
        #expect(ComparedWords.list.count == 256 && Set(ComparedWords.list).count == 256)
        #expect(ComparedWords.list.allSatisfy { (3...9).contains($0.count) && $0.allSatisfy(\.isLowercase) })
        #expect(
            ComparedWords.words(of: [0, 1, 2, 253, 254, 255, 9]) == [
                "acorn", "amber", "anchor", "wagon", "walnut", "window",
            ])
    }

    @Test("Each key and the number count")
    func content() {
        func content(_ change: Int) -> [UInt8] {
            func key(_ index: Int) -> [UInt8] { [UInt8](repeating: change == index ? 9 : UInt8(index), count: 32) }
            return ComparedWords.content(
                officeKey: key(1), deviceKey: key(2), pin: key(3), device: change == 4 ? 9 : 4)
        }
        #expect(Set((0...4).map(content)).count == 5)
    }
}
