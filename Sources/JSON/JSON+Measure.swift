extension JSON {
    /// The length of ``serialized()`` in bytes; when it is above `limit`, some number above `limit`.
    ///
    /// - Complexity: O(min(size, limit)), so that asking about a shared subtree that unfolds to terabytes is cheap.
    public func serializedSize(upTo limit: Int = .max) -> Int {
        var meter = SizeMeter(limit: limit, isExact: true)
        meter.add(self)
        return meter.size
    }

    /// Whether it takes more bytes than this, as far as can be seen without looking for escapes and printing numbers.
    func isPlainlyLonger(than limit: Int) -> Bool {
        var meter = SizeMeter(limit: limit, isExact: false)
        meter.add(self)
        return meter.size > limit
    }

    /// Whether arrays and objects nest more than `limit` levels deep.
    func isDeeper(than limit: Int) -> Bool {
        switch self {
        case .null, .bool, .number, .string: return false
        case .array(let elements):
            if limit <= 0 { return true }
            return elements.elements.containsInPlace { $0.isDeeper(than: limit - 1) }
        case .object(let object):
            if limit <= 0 { return true }
            return object.members.containsInPlace { $0.isDeeper(than: limit - 1) }
        }
    }
}

extension InPlace<JSON> {
    fileprivate borrowing func isDeeper(than limit: Int) -> Bool { value.isDeeper(than: limit) }
}

extension InPlace<JSONObject.Member> {
    fileprivate borrowing func isDeeper(than limit: Int) -> Bool { value.value.isDeeper(than: limit) }
}

/// Adds up the bytes of values, exactly or at least, until there are more than the limit.
private struct SizeMeter {
    let limit: Int
    let isExact: Bool
    var size = 0

    init(limit: Int, isExact: Bool) {
        self.limit = limit
        self.isExact = isExact
    }

    mutating func add(_ value: JSON) {
        guard size <= limit else { return }
        switch value {
        case .null, .bool(true): size += 4
        case .bool(false): size += 5
        case .number(let number): size += isExact ? number.textSize : 1
        case .string(let string): add(string)
        case .array(let elements):
            size += max(elements.count + 1, 2)
            elements.elements.forEachBuffer { buffer in
                let elements = buffer.inPlace
                for position in elements.indices where size <= limit { add(elements[position]) }
                return size <= limit
            }
        case .object(let object):
            size += max(2 * object.count + 1, 2)
            object.members.forEachBuffer { buffer in
                let members = buffer.inPlace
                for position in members.indices where size <= limit { add(members[position]) }
                return size <= limit
            }
        }
    }

    private mutating func add(_ element: borrowing InPlace<JSON>) {
        add(element.value)
    }

    private mutating func add(_ member: borrowing InPlace<JSONObject.Member>) {
        add(member.value.key)
        add(member.value.value)
    }

    private mutating func add(_ string: String) {
        size += string.utf8.count + 2
        if isExact { addEscapes(of: string) }
    }

    private mutating func addEscapes(of string: String) {
        string.withBytes { bytes in
            guard var position = bytes.baseAddress else { return }
            let end = position + bytes.count
            while true {
                position = endOfPlainText(from: position, to: end)
                guard position < end else { return }
                switch position.load(as: UInt8.self) {
                case 0x08, 0x09, 0x0A, 0x0C, 0x0D, UInt8(ascii: "\""), UInt8(ascii: "\\"): size += 1
                default: size += 5
                }
                position += 1
            }
        }
    }
}
