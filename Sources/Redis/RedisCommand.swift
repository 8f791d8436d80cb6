import CHiredis

/// A command as a server takes it (RESP2).
struct RedisCommand {
    /// The bytes to send.
    let bytes: [UInt8]

    /// Joins words of any bytes.
    init(_ words: [[UInt8]]) {
        var storage: [UInt8] = []
        storage.reserveCapacity(words.reduce(0) { $0 + $1.count })
        for word in words { storage += word }
        bytes = storage.withUnsafeBytes { storage in
            var pointers: [UnsafePointer<CChar>?] = []
            var offset = 0
            for word in words {
                pointers.append(storage.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self))
                offset += word.count
            }
            var target: UnsafeMutablePointer<CChar>?
            let count = redisFormatCommandArgv(&target, Int32(words.count), &pointers, words.map(\.count))
            guard count > 0, let target else { return [] }
            defer { redisFreeCommand(target) }
            return Array(UnsafeRawBufferPointer(start: target, count: Int(count)))
        }
    }

    /// Joins words of text.
    init(_ words: String...) { self.init(words.map { Array($0.utf8) }) }
}
