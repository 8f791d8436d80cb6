import JSON

/// Reads the members of an object and collects what is wrong, so that a caller hears of everything at once.
struct FaultReader {
    let object: JSONObject
    var path = ""
    var faults: [Problem.Fault] = []

    init(object: JSONObject, path: String = "") {
        self.object = object
        self.path = path
    }

    mutating func refuse(_ name: String, _ message: String) {
        faults.append(.init(pointer: path + JSONPointer(tokens: [name]).text, message: message))
    }

    mutating func checkMembers(_ known: Set<String>) {
        for name in object.keys where !known.contains(name) { refuse(name, "is not known here") }
    }

    mutating func text(_ name: String, isRequired: Bool = true) -> String? {
        guard let value = object.value(name) else {
            if isRequired { refuse(name, "is required") }
            return nil
        }
        if value.string == nil { refuse(name, "must be a string") }
        return value.string
    }

    mutating func flag(_ name: String) -> Bool {
        guard let value = object.value(name) else { return false }
        if value.bool == nil { refuse(name, "must be true or false") }
        return value.bool ?? false
    }

    mutating func object(_ name: String) -> JSONObject? {
        guard let value = object.value(name) else { return nil }
        if value.object == nil { refuse(name, "must be an object") }
        return value.object
    }

    mutating func texts(_ name: String, isRequired: Bool = false) -> [String] {
        guard let value = object.value(name) else {
            if isRequired { refuse(name, "is required") }
            return []
        }
        guard let texts = value.array?.map(\.string), !texts.contains(nil) else {
            refuse(name, "must be an array of strings")
            return []
        }
        return texts.compactMap(\.self)
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Choice.Type
    ) -> Choice? {
        guard let text = text(name) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        refuse(name, "must be one of \(Self.names(type))")
        return nil
    }

    mutating func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Choice.Type,
        isRequired: Bool = true
    ) -> [Choice] {
        let texts = texts(name, isRequired: isRequired)
        let choices = texts.compactMap(Choice.init(rawValue:))
        if choices.count != texts.count { refuse(name, "must hold only \(Self.names(type))") }
        return choices
    }

    private static func names<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String {
        Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }
}
