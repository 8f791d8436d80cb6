public import JSON

extension FlowPlugin {
    /// Reads the state from a flow's input, an object with members as the state has them. What ``blankState`` has need not be
    /// there; what the state does not have must not be. No input is an empty one.
    ///
    /// - Throws: ``FlowError/invalidInput(pointer:message:)``, which names the member.
    public static func decodedState(from input: JSON?) throws -> State {
        let input = input ?? [:]
        guard let given = input.object else {
            throw FlowError.invalidInput(pointer: "/input", message: "must be an object")
        }
        var members = try blankState.map { try JSON(encoding: $0) }?.object ?? [:]
        for (name, value) in given { members[name] = value }
        let state: State
        do { state = try JSON.object(members).decode(State.self) } catch let error as DecodingError {
            throw FlowError(error)
        }
        let known = try JSON(encoding: state)
        for (name, value) in given where known[name] == nil && !value.isNull {
            throw FlowError.invalidInput(
                pointer: JSONPointer(tokens: ["input", name]).text,
                message: "is not known here"
            )
        }
        return state
    }
}

extension FlowError {
    /// What is wrong with an input that cannot be decoded.
    fileprivate init(_ error: DecodingError) {
        var (path, message): ([any CodingKey], String)
        switch error {
        case .keyNotFound(let key, let context): (path, message) = (context.codingPath + [key], "is required")
        case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context):
            (path, message) = (context.codingPath, "is not valid: \(context.debugDescription)")
        @unknown default: (path, message) = ([], "is not valid: \(error)")
        }
        let tokens = ["input"] + path.map { $0.intValue.map(String.init) ?? $0.stringValue }
        self = .invalidInput(pointer: JSONPointer(tokens: tokens).text, message: message)
    }
}
