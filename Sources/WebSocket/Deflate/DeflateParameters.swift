/// What both sides agreed on for permessage-deflate (RFC 7692 §7.1).
public struct DeflateParameters: Sendable, Hashable {
    /// Each message of ours is compressed without reference to earlier ones.
    public let serverNoContextTakeover: Bool
    /// Each message of the client is compressed without reference to earlier ones.
    public let clientNoContextTakeover: Bool
    /// Base-2 logarithm of our window: 9 to 15.
    public let serverMaxWindowBits: Int
    /// Base-2 logarithm of the client's window: 8 to 15.
    public let clientMaxWindowBits: Int

    /// Creates parameters; the defaults are those of RFC 7692.
    public init(
        serverNoContextTakeover: Bool = false,
        clientNoContextTakeover: Bool = false,
        serverMaxWindowBits: Int = 15,
        clientMaxWindowBits: Int = 15
    ) {
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverMaxWindowBits = serverMaxWindowBits
        self.clientMaxWindowBits = clientMaxWindowBits
    }
}

/// The parameters of one offer of permessage-deflate, whose own rules are met (RFC 7692 §7.1).
struct DeflateOffer: Equatable {
    static let name = "permessage-deflate"

    private(set) var serverNoContextTakeover = false
    private(set) var clientNoContextTakeover = false
    private(set) var serverMaxWindowBits: Int?
    /// What the client hints at; nil when it did not send the parameter and so cannot be asked to use a smaller window.
    private(set) var clientMaxWindowBits: Int?

    /// Nil for another extension, an unknown parameter, one that is repeated, or a value that is not allowed: such an
    /// offer must be declined (RFC 7692 §7.1).
    init?(_ offer: ExtensionOffer) {
        guard offer.name == Self.name else { return nil }
        var seen: Set<String> = []
        for parameter in offer.parameters {
            guard seen.insert(parameter.name).inserted, take(parameter) else { return nil }
        }
    }

    private mutating func take(_ parameter: ExtensionOffer.Parameter) -> Bool {
        switch parameter.name {
        case "server_no_context_takeover":
            serverNoContextTakeover = true
            return parameter.value == nil
        case "client_no_context_takeover":
            clientNoContextTakeover = true
            return parameter.value == nil
        case "server_max_window_bits":
            serverMaxWindowBits = parameter.value.flatMap(Self.windowBits)
            return serverMaxWindowBits != nil
        case "client_max_window_bits":
            // Without a value it only says that the client understands the parameter in an answer.
            clientMaxWindowBits = parameter.value.map { Self.windowBits($0) } ?? 15
            return clientMaxWindowBits != nil
        default: return false
        }
    }

    /// A decimal number from 8 to 15 without leading zeros (RFC 7692 §7.1.2).
    private static func windowBits(_ text: String) -> Int? {
        guard let first = text.utf8.first, first != 0x30, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let bits = Int(text), (8...15).contains(bits)
        else { return nil }
        return bits
    }
}
