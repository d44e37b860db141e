/// The words in which the naive model is told what people do, and what is there at the end of a run.
extension NaiveModel {
    struct Place: Hashable, Comparable, CustomStringConvertible {
        let record: Int
        let field: Int

        static func < (left: Place, right: Place) -> Bool { (left.record, left.field) < (right.record, right.field) }
        var description: String { "record \(record) field \(field)" }
    }

    /// What somebody had seen in a place: numbers of writes.
    struct Sighting {
        var surely: Set<Int> = []
        var possibly: Set<Int> = []
    }

    struct Write {
        let device: Int
        let word: String
        let seen: Sighting
        /// Whether the writer was told that it is saved.
        var isPromised: Bool
    }

    struct Delete {
        let device: Int
        let seen: [Place: Sighting]
        var isPromised: Bool
    }

    /// A group of changes as it left its device.
    struct Group {
        let name: GroupName
        /// Who wrote it; the same for a laptop and its copies.
        let device: Int
        let words: [(place: Place, word: String)]
        let records: Set<Int>
        /// The records that it deletes.
        let deleted: Set<Int>
        /// The conflicts that it decides.
        let decided: [String]
        var fate = Fate.accepted

        /// Whether it is the same work under the same name: two copies of a database may give one name to two groups.
        func isSame(as other: Group) -> Bool { name == other.name && words.elementsEqual(other.words, by: ==) }
    }

    /// What a group is called; one that two copies of a database sent may say two things.
    struct GroupName: Hashable, Comparable {
        let device: UInt32
        let number: UInt64

        static func < (left: GroupName, right: GroupName) -> Bool {
            (left.device, left.number) < (right.device, right.number)
        }
    }

    enum Fate {
        case accepted
        case held
        /// Discarded by the office.
        case dropped
        /// Taken back or sent again by its author, unless the office was faster.
        case uncertain
    }

    /// What the office has of a device's work.
    struct Safe {
        var words: [Place: Set<String>] = [:]
        var deleted: Set<Int> = []
    }

    /// A word that left a device.
    struct Sent: Hashable {
        let device: Int
        let word: String

        init(_ device: Int, _ word: String) { (self.device, self.word) = (device, word) }
    }

    struct Conflict {
        let id: String
        let place: Place
        /// Nil for a deletion.
        let a: String?
        let b: String?
        let isOpen: Bool
        var isWithdrawn = false
    }

    /// What is there when nothing moves any more.
    struct Rest {
        var current: [Place: String] = [:]
        /// All that the server keeps: current, history, and for held groups apart.
        var kept: [Place: Set<String>] = [:]
        var held: [Place: Set<String>] = [:]
        /// The versions that the server keeps, by time and device, and the latest time that may be.
        var versions: [Place: [(word: String, time: UInt64, device: UInt32)]] = [:]
        var latest: UInt64 = .max
        var living: [Int: Bool] = [:]
        var conflicts: [Conflict] = []
        /// What each replica shows of each area, the server's first.
        var copies: [(name: String, area: Int, text: String)] = []
        var groups: [Group] = []
        /// Areas that are on a device's disk, by whom the values were written.
        var traces: [(device: Int, area: Int, writer: Int)] = []
        var mayRead: [Int: Set<Int>] = [:]
        /// Records that were erased: nothing is asked of them.
        var erased: Set<Int> = []
        var shutOut: Set<Int> = []
        /// Devices that can't give a restored server again all that they had sent: shut out, or without the area.
        var forgetful: Set<Int> = []
        /// Devices whose words may be lost: shut out, or put back to an older copy.
        var excused: Set<Int> = []
        var stuck: [Int] = []
        /// Whether the server was put back to an older copy: a group may be held, and others hand over what it became.
        var isRestored = false
    }

    /// What waits in a place of a record that a device has not sent: all that was written there, and that nothing was.
    func words(of device: Int, at place: Place) -> Set<String> {
        Set((writes[place] ?? [:]).values.filter { $0.device == device }.map(\.word)).union([empty])
    }
}
