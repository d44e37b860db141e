/// The numbers of the fields of a meeting.
package enum MeetingField: Int, CaseIterable, Sendable {
    case place = 1
    case started = 2
    case ended = 3
    case kind = 4
    case kindOther = 5
    case wentAhead = 6
    case headcount = 7
    case whoDecided = 8
    case accessProvided = 9
    case summary = 10
    case reflection = 11
}

/// The numbers of the fields of an attendance.
package enum AttendanceField: Int, CaseIterable, Sendable {
    case visit = 1
    case meeting = 2
    case person = 3
    case tookPartAs = 4
    case tookPartAsOther = 5
    case contribution = 6
    case felt = 7
    case thankedHow = 8
    case thankedWhen = 9
}

extension RecordKind {
    /// The kinds of meetings.
    package static let meetingKinds = [
        "house_meeting", "focus_group", "consultation", "mystery_shop", "interview_panel", "team_meeting",
        "one_to_one", "workshop", "training", "codesign_session", "steering_group", "conference", Words.other,
    ]

    /// Who decided, from being told to leading.
    package static let decidingWords = [
        "informed", "consulted", "involved", "codesigned", "coproduced", "led_by_experts",
    ]

    /// As what a person took part.
    package static let partWords = [
        "attended", "co_facilitated", "co_designed", "decided", "chaired", Words.other,
    ]

    /// People coming together for a purpose.
    package static let meeting = RecordKind(
        OutreachSchema.Number.meeting, "meeting", plural: "meetings", title: MeetingField.kind,
        titleParts: [[.kind], [.place], [.started]], day: .started,
        list: [MeetingField.started, .kind, .place, .headcount, .summary], spans: [(.started, .ended)],
        entry: EntryForm(
            [MeetingField.place, .started], asked: [.kind, .headcount, .whoDecided, .summary],
            summary: "Record a meeting.",
            example: "kith meeting add \"Castle House\" \"mon 9am\" --kind house_meeting --headcount 6"),
        fields: [
            FieldDescription(MeetingField.place, "place", "Place", .reference(OutreachSchema.Number.place)),
            FieldDescription(MeetingField.started, "started", "Started", .time, isRequired: true),
            FieldDescription(MeetingField.ended, "ended", "Ended", .time),
            FieldDescription(MeetingField.kind, "kind", "Kind", .words(meetingKinds)),
            FieldDescription(MeetingField.kindOther, "kind_other", "Kind in own words", .text),
            FieldDescription(MeetingField.wentAhead, "went_ahead", "Went ahead", .flag),
            FieldDescription(MeetingField.headcount, "headcount", "Headcount", .count),
            FieldDescription(MeetingField.whoDecided, "who_decided", "Who decided", .words(decidingWords)),
            FieldDescription(MeetingField.accessProvided, "access_provided", "Access provided", .text),
            FieldDescription(MeetingField.summary, "summary", "Summary", .text),
            FieldDescription(MeetingField.reflection, "reflection", "Reflection", .text),
        ])

    /// A person's part in a visit or a meeting.
    package static let attendance = RecordKind(
        OutreachSchema.Number.attendance, "attendance", plural: "attendances", title: AttendanceField.person,
        titleParts: [[.person], [.meeting, .visit]],
        list: [AttendanceField.person, .meeting, .visit, .tookPartAs, .contribution],
        needsOneOf: [[AttendanceField.visit, .meeting]],
        entry: EntryForm(
            [AttendanceField.person], asked: [.tookPartAs],
            summary: "Say that a person took part in a visit or a meeting.",
            example: "kith attendance add Alex --meeting f3kq7xzm --took-part-as co_facilitated"),
        fields: [
            FieldDescription(AttendanceField.visit, "visit", "Visit", .reference(OutreachSchema.Number.visit)),
            FieldDescription(
                AttendanceField.meeting, "meeting", "Meeting", .reference(OutreachSchema.Number.meeting)),
            FieldDescription(
                AttendanceField.person, "person", "Person", .reference(OutreachSchema.Number.person), isRequired: true),
            FieldDescription(AttendanceField.tookPartAs, "took_part_as", "Took part as", .words(partWords)),
            FieldDescription(
                AttendanceField.tookPartAsOther, "took_part_as_other", "Took part, in own words", .text),
            FieldDescription(AttendanceField.contribution, "contribution", "Contribution", .text),
            FieldDescription(AttendanceField.felt, "felt", "How it felt, in their words", .answer([]), isQuote: true),
            FieldDescription(AttendanceField.thankedHow, "thanked_how", "Thanked how", .text),
            FieldDescription(AttendanceField.thankedWhen, "thanked_when", "Thanked when", .time),
        ])
}
