extension JSON {
    /// The length of ``serialized()`` in bytes; when it is above `limit`, some number above `limit`.
    ///
    /// - Complexity: O(min(size, limit)), so that asking about a shared subtree that unfolds to terabytes is cheap.
    public func serializedSize(upTo limit: Int = .max) -> Int {
        var meter = SizeMeter(limit: limit)
        meter.add(self)
        return meter.size
    }

    /// Whether it takes more bytes than this, as far as can be seen without looking further inside than two levels.
    func isPlainlyLonger(than limit: Int) -> Bool {
        switch self {
        case .array(let elements):
            var size = elements.count + 1
            if size + elements.count > limit { return true }
            elements.elements.forEachBuffer { elements in
                for element in elements where size <= limit { size += element.leastSizeByCount }
                return size <= limit
            }
            return size > limit
        case .object(let object):
            // Braces, and of each member its quotes, colon and comma.
            var size = 4 * object.count + 1
            object.members.forEachBuffer { members in
                for member in members where size <= limit {
                    size += member.key.utf8.count + member.value.leastSizeByCount
                }
                return size <= limit
            }
            return size > limit
        case .null, .bool, .number, .string: return leastSizeByCount > limit
        }
    }

    private var leastSizeByCount: Int {
        switch self {
        case .array(let elements): 2 * elements.count + 1
        case .object(let object): 5 * object.count + 1
        case .string(let string): string.utf8.count + 2
        case .null, .bool: 4
        case .number: 1
        }
    }

    /// Whether arrays and objects nest more than `limit` levels deep.
    func isDeeper(than limit: Int) -> Bool {
        switch self {
        case .null, .bool, .number, .string: false
        case .array(let elements): limit <= 0 || elements.elements.contains { $0.isDeeper(than: limit - 1) }
        case .object(let object): limit <= 0 || object.members.contains { $0.value.isDeeper(than: limit - 1) }
        }
    }
}

private struct SizeMeter {
    let limit: Int
    var size = 0

    mutating func add(_ value: JSON) {
        guard size <= limit else { return }
        switch value {
        case .null, .bool(true): size += 4
        case .bool(false): size += 5
        case .number(let number): size += number.textSize
        case .string(let string): add(string)
        case .array(let elements):
            size += max(elements.count + 1, 2)
            elements.elements.forEachBuffer { elements in
                for element in elements where size <= limit { add(element) }
                return size <= limit
            }
        case .object(let object):
            size += max(2 * object.count + 1, 2)
            object.members.forEachBuffer { members in
                for member in members where size <= limit {
                    add(member.key)
                    add(member.value)
                }
                return size <= limit
            }
        }
    }

    private mutating func add(_ string: String) {
        size += string.utf8.count + 2
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
