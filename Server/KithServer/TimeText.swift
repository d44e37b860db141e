import OutreachModel
import SyncCore
import Terminal

/// Times as the office reads them, in the zone of the server.
enum TimeText {
    /// RFC 3339 with offset.
    static func rfc3339(_ milliseconds: Int64) -> String {
        LocalTime().moment(atMilliseconds: milliseconds).description
    }

    /// With weekday, for people.
    static func local(_ milliseconds: Int64) -> String {
        let local = LocalTime()
        return ParsedDate.moment(local.moment(atMilliseconds: milliseconds)).echo(in: local)
    }
}

/// Values of fields as the office reads them.
enum ValueText {
    /// For people; the caller escapes control characters.
    static func plain(_ value: Value) -> String {
        switch value {
        case .null: "(nothing)"
        case .integer(let number): String(number)
        case .real(let number): number.description
        case .text(let text): text
        case .blob(let bytes): RecordID(bytes: bytes)?.description ?? "\(bytes.count) bytes"
        }
    }

    /// As JSON, ids in their text form.
    static func json(_ value: Value) -> JSONValue {
        switch value {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text(let text): .string(text)
        case .blob: .string(plain(value))
        }
    }
}
