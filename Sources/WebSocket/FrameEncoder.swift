/// Writes frames (RFC 6455 §5.2). Server frames carry no mask, so one encoded frame serves any number of receivers.
public enum FrameEncoder {
    /// Appends one frame.
    ///
    /// Does not check rules between frames or the size of control payloads; ``WebSocketConnection`` does.
    /// - Parameters:
    ///   - maskKey: Nil on the server. A client passes an unpredictable key for each frame (RFC 6455 §5.3), as the
    ///     little-endian integer of its four bytes.
    public static func encode(
        _ opcode: Opcode,
        payload: UnsafeRawBufferPointer,
        isFinal: Bool = true,
        reservedBits: ReservedBits = [],
        maskKey: UInt32? = nil,
        into output: inout [UInt8]
    ) {
        let head = FrameHead(
            opcode,
            length: payload.count,
            isFinal: isFinal,
            reservedBits: reservedBits,
            isMasked: maskKey != nil
        )
        head.withUnsafeBytes { output.append(contentsOf: $0) }
        guard let maskKey else {
            output.append(contentsOf: payload)
            return
        }
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            output.append(UInt8(truncatingIfNeeded: maskKey >> shift))
        }
        let start = output.count
        output.append(contentsOf: payload)
        output.withUnsafeMutableBytes { bytes in
            Masking.apply(key: maskKey, offset: 0, to: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
    }

    /// Appends one frame. See the overload for raw memory.
    public static func encode(
        _ opcode: Opcode,
        payload: [UInt8],
        isFinal: Bool = true,
        reservedBits: ReservedBits = [],
        maskKey: UInt32? = nil,
        into output: inout [UInt8]
    ) {
        payload.withUnsafeBytes {
            encode(
                opcode,
                payload: $0,
                isFinal: isFinal,
                reservedBits: reservedBits,
                maskKey: maskKey,
                into: &output
            )
        }
    }

    /// A whole unmasked server frame, encoded once to be shared by all its receivers.
    public static func frame(_ opcode: Opcode, payload: [UInt8], reservedBits: ReservedBits = []) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(payload.count + 10)
        encode(opcode, payload: payload, reservedBits: reservedBits, into: &output)
        return output
    }

    /// The payload of a Close frame (RFC 6455 §5.5.1): the reason is cut at a character boundary to fit 123 bytes.
    ///
    /// Without a code the payload is empty, since a reason cannot stand alone.
    public static func closePayload(_ code: CloseCode?, reason: String) -> [UInt8] {
        guard let code else { return [] }
        var payload = [UInt8(truncatingIfNeeded: code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)]
        for scalar in reason.unicodeScalars {
            let bytes = UTF8.encode(scalar).map(Array.init) ?? []
            if payload.count + bytes.count > 125 { break }
            payload.append(contentsOf: bytes)
        }
        return payload
    }
}
