/// A change of one place in a document.
enum Edit {
    case insert(JSON)
    case replace(JSON)
    case remove

    /// The value that enters the document.
    var value: JSON? {
        switch self {
        case .insert(let value), .replace(let value): value
        case .remove: nil
        }
    }
}

extension JSON {
    /// Makes the change at the end of the way and returns the value that was there. On failure nothing has changed.
    ///
    /// Each level is moved out of the enum while its child is edited, so that storage nobody else holds is changed in
    /// place, and shared storage is copied one level at a time along the way only.
    @discardableResult
    mutating func edit(_ edit: Edit, along tokens: ArraySlice<String>) throws(JSONPatchError.Reason) -> JSON? {
        guard let token = tokens.first else { return try editRoot(edit) }
        switch self {
        case .object(var object):
            self = .null
            defer { self = .object(object) }
            return try object.edit(edit, member: token, rest: tokens.dropFirst())
        case .array(var elements):
            self = .null
            defer { self = .array(elements) }
            return try elements.edit(edit, token: token, rest: tokens.dropFirst())
        case .null, .bool, .number, .string:
            throw .notAContainer
        }
    }

    private mutating func editRoot(_ edit: Edit) throws(JSONPatchError.Reason) -> JSON? {
        guard let value = edit.value else { throw .rootRemoved }
        let old = self
        self = value
        return old
    }
}

extension JSONObject {
    fileprivate mutating func edit(
        _ edit: Edit,
        member name: String,
        rest: ArraySlice<String>
    ) throws(JSONPatchError.Reason) -> JSON? {
        if rest.isEmpty, case .insert(let value) = edit { return updateValue(value, forKey: name) }
        guard let position = position(of: name) else { throw .notFound }
        if rest.isEmpty, case .remove = edit { return removeValue(forKey: name) }
        return try members.update(at: position) { (member) throws(JSONPatchError.Reason) -> JSON? in
            try member.value.edit(edit, along: rest)
        }
    }
}

extension JSONArray {
    fileprivate mutating func edit(
        _ edit: Edit,
        token: String,
        rest: ArraySlice<String>
    ) throws(JSONPatchError.Reason) -> JSON? {
        let isInsertion = if rest.isEmpty, case .insert = edit { true } else { false }
        if isInsertion, token == "-", let value = edit.value {
            append(value)
            return nil
        }
        guard let index = arrayIndex(token) else { throw .invalidIndex(token) }
        guard index < count || (isInsertion && index == count) else { throw .indexOutOfRange(index, count: count) }
        if rest.isEmpty, case .insert(let value) = edit {
            insert(value, at: index)
            return nil
        }
        if rest.isEmpty, case .remove = edit { return remove(at: index) }
        return try elements.update(at: index) { (element) throws(JSONPatchError.Reason) -> JSON? in
            try element.edit(edit, along: rest)
        }
    }
}
