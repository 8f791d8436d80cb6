public import JSON

extension JSON {
    /// The document with one member or element per line, two spaces deep, and a line end: as committed files have it.
    public var prettyPrinted: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes, depth: 0)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func write(into bytes: inout [UInt8], depth: Int) {
        switch self {
        case .object(let object) where !object.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.enumerated() {
                Self.breakLine(index, depth + 1, &bytes)
                JSON.string(member.key).serialize(into: &bytes)
                bytes += Array(": ".utf8)
                member.value.write(into: &bytes, depth: depth + 1)
            }
            Self.breakLine(0, depth, &bytes)
            bytes.append(UInt8(ascii: "}"))
        case .array(let items) where items.contains(where: \.isContainer):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                Self.breakLine(index, depth + 1, &bytes)
                item.write(into: &bytes, depth: depth + 1)
            }
            Self.breakLine(0, depth, &bytes)
            bytes.append(UInt8(ascii: "]"))
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes += Array(", ".utf8) }
                item.serialize(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object, .null, .bool, .number, .string:
            serialize(into: &bytes)
        }
    }

    private static func breakLine(_ index: Int, _ depth: Int, _ bytes: inout [UInt8]) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes += Array(repeating: UInt8(ascii: " "), count: depth * 2)
    }
}
