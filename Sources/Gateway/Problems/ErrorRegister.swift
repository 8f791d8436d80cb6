public import JSON

/// The published register of error codes, `protocol/errors.json`.
public enum ErrorRegister {
    /// The register as a document.
    public static var document: JSON {
        var codes = JSONObject()
        for code in ProblemCode.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
            let meaning = code.meaning
            codes[code.rawValue] = [
                "status": JSON(meaning.status),
                "title": JSON(meaning.title),
                "rpc": JSON(meaning.number),
                "close": meaning.close.map { JSON(Int($0)) } ?? .null,
                "retryable": .bool(meaning.isRetryable),
            ]
        }
        return ["codes": .object(codes)]
    }
}
