import OutreachModel
import SyncCore
import Terminal

/// What the office chose to do with each record of a preview.
struct ErasureChoice {
    private(set) var actions: [RecordID: ErasureAction] = [:]
    private let preview: ErasurePreview
    /// Whether what is suggested was chosen for all.
    private let isAboutAll: Bool
    /// The records that options name.
    private var named: Set<RecordID> = []
    /// The records for which somebody chose by itself: what is suggested was not just taken.
    private(set) var looked: Set<RecordID> = []

    /// Reads the options; what they leave open is asked by `complete`.
    init(_ arguments: ParsedArguments, _ preview: ErasurePreview) throws(CommandFailure) {
        self.preview = preview
        isAboutAll = arguments.hasFlag("all")
        for item in preview.items {
            // The person goes in any case; what only has a word of the name stays, unless it is near them or named.
            if item.link == .person, !item.isOther { actions[item.id] = .erase }
            if item.link == .partOfName, item.suggestion == .keep { actions[item.id] = .keep }
            if arguments.hasFlag("all") { actions[item.id] = item.suggestion }
        }
        for (option, action) in [("record", ErasureAction.erase), ("redact", .redact), ("keep", .keep)] {
            for typed in arguments.values(of: option) {
                let item = try find(typed, option)
                guard named.insert(item.id).inserted else {
                    throw CommandFailure(
                        exitCode: .usage, message: "\(typed) is named twice. Nothing was changed.")
                }
                guard item.actions.contains(action) else { throw Self.impossible(action, item) }
                actions[item.id] = action
            }
        }
        looked = named
    }

    private func find(_ typed: String, _ option: String) throws(CommandFailure) -> ErasureItem {
        let prefix = ShortID.prefix(typed)
        let found = preview.items.filter { item in prefix.map { item.id.description.hasPrefix($0) } ?? false }
        guard found.count == 1, let item = found.first else {
            throw CommandFailure(
                exitCode: .notFound,
                message: "--\(option) \(typed): \(found.isEmpty ? "no record" : "more than one record") of the preview "
                    + "begins so. Nothing was changed.",
                next: "kith-server erase person \(ShortID.display(preview.person)) --dry-run")
        }
        return item
    }

    private static func impossible(_ action: ErasureAction, _ item: ErasureItem) -> CommandFailure {
        let id = ShortID.display(item.id)
        let why =
            switch (action, item.link) {
            case (_, .person): "\(id) is the person: it is erased."
            default: "\(id) can't be without the person: it can be erased or kept."
            }
        return CommandFailure(exitCode: .usage, message: "\(why) Nothing was changed.")
    }

    /// Whether options say what becomes of records.
    var isGiven: Bool { isAboutAll || !named.isEmpty }

    /// Whether there are records of which nothing is said yet.
    var isOpen: Bool { preview.items.contains { actions[$0.id] == nil } }

    /// Asks what the options left open.
    mutating func complete(_ listing: ErasureListing, _ console: Console) throws {
        let open = preview.items.filter { actions[$0.id] == nil }
        guard !open.isEmpty else {
            if named.isEmpty, !isAboutAll, !console.settings.assumesYes { try completeWords(listing, console) }
            return
        }
        let option =
            "--all, or --record, --redact or --keep for \(open.map { ShortID.display($0.id) }.joined(separator: ", "))"
        let way = try console.prompter.choice(
            "\(open.count == 1 ? "1 record is" : "\(open.count) records are") linked to this person.", option: option,
            among: [
                .init("all", label: "do what is suggested above for each"),
                .init("each", label: "choose for each"),
            ])
        for item in open {
            guard way == "each" else {
                actions[item.id] = item.suggestion
                continue
            }
            try ask(item, option, listing, console)
        }
        if way == "each" { try completeWords(listing, console) }
    }

    /// Asks about what only has a word of the name.
    private mutating func completeWords(_ listing: ErasureListing, _ console: Console) throws {
        let open = preview.items.filter {
            $0.link == .partOfName && $0.suggestion == .keep && !named.contains($0.id)
        }
        guard !open.isEmpty, console.prompter.canAsk else { return }
        let option = "--record, --redact or --keep"
        let way = try console.prompter.choice(
            "\(open.count == 1 ? "1 record has" : "\(open.count) records have") a word of the name, perhaps of somebody else.",
            option: option,
            among: [
                .init("keep", label: open.count == 1 ? "leave it as it is" : "leave them as they are"),
                .init("each", label: "choose for each"),
            ])
        guard way == "each" else { return }
        for item in open { try ask(item, option, listing, console) }
    }

    private mutating func ask(
        _ item: ErasureItem, _ option: String, _ listing: ErasureListing, _ console: Console
    ) throws {
        let chosen = try console.prompter.choice(
            listing.question(item), option: option,
            among: item.actions.map { action in
                let mark = action == item.suggestion ? " (suggested)" : ""
                return .init(action.rawValue, label: ErasureListing.words(action) + mark)
            })
        actions[item.id] = ErasureAction(rawValue: chosen) ?? .keep
        looked.insert(item.id)
    }

    // MARK: Words

    private func count(_ action: ErasureAction) -> Int { actions.values.count { $0 == action } }

    /// What will happen, in one sentence.
    var words: String {
        "This erases \(Self.records(count(.erase))), takes the person out of \(Self.records(count(.redact))), "
            + "and keeps \(Self.records(count(.keep)))."
    }

    /// What has happened, in one sentence.
    var doneWords: String {
        "Erased \(Self.records(count(.erase))), took the person out of \(Self.records(count(.redact)))."
    }

    private static func records(_ count: Int) -> String { count == 1 ? "1 record" : "\(count) records" }
}
