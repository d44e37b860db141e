internal import Database
package import SyncCore

/// record → row: how records get into their tables.
extension RecordTables {
    /// Adds a row.
    ///
    /// - Parameter pending: the newest group of this device that touches the record; replicas only.
    /// - Returns: the key of the row.
    @discardableResult
    package func insert(_ state: RecordState, pending: Int64? = nil) throws -> Int64 {
        try insert([state], pending: pending)
    }

    /// Adds rows to one table, several in one statement.
    ///
    /// Where this fails, some of them may be there: the transaction, or the savepoint around it, must be undone.
    /// - Parameters:
    ///   - states: at least one record, all of one table.
    ///   - pending: the newest group of this device that touches all of them; replicas only.
    /// - Returns: the key of the first row; those of the others follow without a gap.
    package func insert(_ states: [RecordState], pending: Int64? = nil) throws -> Int64 {
        let layout = layout(states[0].table)
        try add(states, layout: layout, meeting: .fails, pending: pending)
        let last = database.lastInsertRowID
        return last - Int64(states.count - 1)
    }

    /// Adds rows to one table if none of the records is there: all of them, or none.
    ///
    /// - Parameter states: at least one record, all of one table.
    /// - Returns: whether they were added.
    package func insertNew(_ states: [RecordState]) throws -> Bool {
        let layout = layout(states[0].table)
        let last = try lastKey(layout)
        if try add(states, layout: layout, meeting: .leaves, pending: nil) == states.count { return true }
        let statement = try database.statement(layout.deleteBehind)
        try statement.bind(1, last)
        try statement.run()
        return false
    }

    /// The key that the next new row of a table will have.
    package func nextKey(table: Int) throws -> Int64 { try lastKey(layout(table)) + 1 }

    private func lastKey(_ layout: RecordLayout) throws -> Int64 {
        let statement = try database.statement(layout.selectLastKey)
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : 0
    }

    @discardableResult
    private func add(
        _ states: [RecordState], layout: RecordLayout, meeting: RowInsertion.Meeting, pending: Int64?
    ) throws -> Int {
        let pending = side == .replica ? pending : nil
        if let fields = PlainInsertion.fields(of: states, in: layout),
            let plain = layout.plainInsertion(of: fields, meeting: meeting, hasPending: pending != nil)
        {
            return try add(states, plain, pending: pending)
        }
        let insertion = meeting == .leaves ? layout.insertionOfNew : layout.insertion
        return try insertion.insert(states.indices, into: database) { statement, first, index in
            let state = states[index]
            try statement.bind(first, state.id.number)
            var next = first + 1
            if layout.isUnknown {
                try statement.bind(next, Int64(state.table))
                next += 1
            }
            try statement.bind(next, Int64(state.area))
            try statement.bind(next + 1, Int64(bitPattern: state.created.time))
            try statement.bind(next + 2, Int64(state.created.device))
            let isInColumns = try bindColumns(
                state, layout: layout, to: statement, from: first + layout.firstInsertedField)
            try bindVariable(state, isInColumns: isInColumns, layout: layout, to: statement, from: next + 3)
            if let pending { try statement.bind(next + 6, pending) }
        }
    }

    /// Adds records that `PlainInsertion` has looked at.
    private func add(_ states: [RecordState], _ plain: PlainInsertion, pending: Int64?) throws -> Int {
        try plain.insertion.insert(states.indices, into: database) { statement, first, index in
            let state = states[index]
            try statement.bind(first, state.id.number)
            try statement.bind(first + 1, Int64(state.area))
            try statement.bind(first + 2, Int64(bitPattern: state.created.time))
            try statement.bind(first + 3, Int64(state.created.device))
            try statement.bind(first + 4, Int64(state.isLiving ? 1 : 0))
            if let pending { try statement.bind(first + 5, pending) }
            // Both lists are sorted alike, and every field has its column.
            var next = 0
            for place in state.fields.indices {
                while plain.numbers[next] < state.fields[place].number { next += 1 }
                try bind(state.fields[place].value, to: statement, first + plain.firstField + next)
            }
        }
    }

    // MARK: Changes

    /// Writes the columns of changed fields, the stamps and whether the record lives.
    package func update(_ state: RecordState, key: Int64, changed: FieldMask) throws {
        let layout = layout(state.table)
        let columns = layout.columns(in: changed)
        let statement = try database.statement(layout.update(changed))
        // What a failed update had bound must not turn up in the next one.
        statement.reset()
        let isInColumns = state.fields.allSatisfy { layout.holds($0) }
        try bindVariable(state, isInColumns: isInColumns, layout: layout, to: statement, from: 1)
        for (offset, column) in columns.enumerated() {
            let field = state.field(column.number)
            try bind(layout.holds(field) ? field.value : .null, to: statement, 4 + offset)
        }
        try statement.bind(4 + columns.count, key)
        try statement.run()
    }

    /// Living, stamps and unknown fields: what changes beside the columns of fields. What is null is not bound.
    ///
    /// - Parameter isInColumns: whether all fields stand in columns of their own.
    private func bindVariable(
        _ state: RecordState, isInColumns: Bool, layout: RecordLayout, to statement: Statement, from index: Int
    ) throws {
        try statement.bind(index, Int64(state.isLiving ? 1 : 0))
        let stamps = StampsBlob.encode(state)
        if !stamps.isEmpty { try statement.bind(index + 1, stamps) }
        var more = isInColumns ? [] : MoreBlob.encode(state.fields.filter { !layout.holds($0) })
        #if PlantedBugs
            if PlantedBug.isChosen(.unknownFieldDropped) { more = [] }
        #endif
        if !more.isEmpty { try statement.bind(index + 2, more) }
    }

    /// Binds the known fields in the order of their columns; both lists are sorted alike, so one walk suffices.
    ///
    /// What is not bound is null.
    /// - Returns: whether all fields have a column.
    private func bindColumns(
        _ state: RecordState, layout: RecordLayout, to statement: Statement, from first: Int
    ) throws -> Bool {
        var offset = 0
        var isInColumns = true
        for index in state.fields.indices {
            let number = state.fields[index].number
            while offset < layout.numbers.count, layout.numbers[offset] < number { offset += 1 }
            guard offset < layout.numbers.count, layout.numbers[offset] == number, layout.holds(state.fields[index])
            else {
                isInColumns = false
                continue
            }
            try bind(state.fields[index].value, to: statement, first + offset)
        }
        return isInColumns
    }

    private func bind(_ value: Value, to statement: Statement, _ index: Int) throws {
        switch value {
        case .null: try statement.bindNull(index)
        case .integer(let number): try statement.bind(index, number)
        case .real(let number): try statement.bind(index, number)
        case .text(let text): try statement.bind(index, text)
        case .blob(let bytes): try statement.bind(index, bytes)
        }
    }
}
