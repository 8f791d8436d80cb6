import JSON
import JSONSchema
import Locking

/// What a tool type has declared, checked and compiled once for each process.
struct ToolContract: Sendable {
    private let name: String
    private let arguments: JSONSchema

    /// The longest arguments, in bytes of their serialised form: people must be able to look at them.
    static let maximumArguments = 64 << 10

    private static let contracts = Mutex<[ObjectIdentifier: Result<ToolContract, ToolError>]>([:])

    /// The contract of a type.
    /// - Throws: ``ToolError/invalidTool(tool:reason:)``.
    static func of(_ tool: any Tool.Type) throws(ToolError) -> ToolContract {
        let id = ObjectIdentifier(tool)
        if let known = contracts.withLock({ $0[id] }) { return try known.get() }
        // Compiled outside the lock: of two that come at once both compile, to the same.
        let made = Result { () throws(ToolError) in try ToolContract(tool) }
        contracts.withLock { $0[id] = made }
        return try made.get()
    }

    private init(_ tool: any Tool.Type) throws(ToolError) {
        name = tool.name
        guard name.isPluginName else {
            throw .invalidTool(tool: name, reason: "its name must have \(String.pluginNameRule)")
        }
        do {
            arguments = try JSONSchema(tool.schema)
            if let schema = tool.outputSchema { _ = try JSONSchema(schema) }
        } catch {
            throw .invalidTool(tool: name, reason: error.description)
        }
    }

    /// Checks arguments and reads them.
    /// - Throws: ``ToolError/invalidArguments(tool:faults:)``, ``ToolError/argumentsTooLarge(tool:bytes:limit:)``.
    func read<Arguments: Decodable>(_ json: JSON, as type: Arguments.Type) throws(ToolError) -> Arguments {
        let bytes = json.serializedSize(upTo: Self.maximumArguments)
        guard bytes <= Self.maximumArguments else {
            throw .argumentsTooLarge(tool: name, bytes: bytes, limit: Self.maximumArguments)
        }
        let faults = arguments.validate(json).map { ArgumentFault(pointer: $0.pointer.text, message: $0.message) }
        guard faults.isEmpty else { throw .invalidArguments(tool: name, faults: faults) }
        do { return try json.decode(type) } catch {
            throw .invalidArguments(tool: name, faults: [ArgumentFault(error)])
        }
    }
}

extension ArgumentFault {
    /// A fault that the schema did not tell of: it is wider than the type.
    init(_ error: any Error) {
        let context: DecodingError.Context? =
            switch error {
            case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
                DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
                context
            default: nil
            }
        let path = context?.codingPath.map { $0.intValue.map { JSON($0).text } ?? $0.stringValue } ?? []
        self.init(
            pointer: JSONPointer(tokens: path).text,
            message: "cannot be read: \(context?.debugDescription ?? String(describing: error))"
        )
    }
}

extension String {
    /// What the names of agents and tools may be; models refuse others.
    static let pluginNameRule = "1 to 64 of a-z, A-Z, 0-9, _ and -"

    var isPluginName: Bool {
        (1...64).contains(utf8.count)
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
