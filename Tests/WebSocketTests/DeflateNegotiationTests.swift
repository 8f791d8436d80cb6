import Testing

@testable import WebSocket

/// Offers and answers of permessage-deflate (RFC 7692 §5.1, §7.1).
@Suite("Negotiating permessage-deflate")
struct DeflateNegotiationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let offer: String
        /// Nil when the connection goes uncompressed.
        let answer: String?
        var testDescription: String { offer }

        init(_ offer: String, _ answer: String?) {
            self.offer = offer
            self.answer = answer
        }
    }

    private static let name = "permessage-deflate"

    private func offers(_ text: String) throws -> [ExtensionOffer] {
        try text.split(separator: ",").map { try #require(ExtensionOffer(parsing: $0)) }
    }

    @Test(arguments: [
        Case("", nil), Case("x-webkit-deflate-frame", nil), Case("permessage-bzip2", nil),
        Case("permessage-deflate", "permessage-deflate"),
        Case("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
        Case("permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover"),
        Case("permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9"),
        Case("permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15"),
        // zlib has no window of 2^8 to write with, but reads one.
        Case("permessage-deflate; server_max_window_bits=8", nil),
        Case("permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8"),
        Case("permessage-deflate; client_max_window_bits", "permessage-deflate"),
        Case("permessage-deflate; client_max_window_bits=15", "permessage-deflate"),
        Case("permessage-deflate; client_max_window_bits=10", "permessage-deflate; client_max_window_bits=10"),
        // A token may be quoted (RFC 6455 §9.1).
        Case("permessage-deflate; server_max_window_bits=\"10\"", "permessage-deflate; server_max_window_bits=10"),
        // Values that are not allowed.
        Case("permessage-deflate; server_max_window_bits", nil),
        Case("permessage-deflate; server_max_window_bits=7", nil),
        Case("permessage-deflate; server_max_window_bits=16", nil),
        Case("permessage-deflate; server_max_window_bits=09", nil),
        Case("permessage-deflate; server_max_window_bits=+9", nil),
        Case("permessage-deflate; server_max_window_bits=9x", nil),
        Case("permessage-deflate; server_max_window_bits=99999999999999999999", nil),
        Case("permessage-deflate; client_max_window_bits=7", nil),
        Case("permessage-deflate; client_max_window_bits=16", nil),
        Case("permessage-deflate; client_max_window_bits=010", nil),
        Case("permessage-deflate; server_no_context_takeover=1", nil),
        Case("permessage-deflate; client_no_context_takeover=true", nil),
        // Unknown and repeated parameters.
        Case("permessage-deflate; level=9", nil), Case("permessage-deflate; SERVER_NO_CONTEXT_TAKEOVER", nil),
        Case("permessage-deflate; server_no_context_takeover; server_no_context_takeover", nil),
        Case("permessage-deflate; server_max_window_bits=10; server_max_window_bits=10", nil),
        Case("permessage-deflate; client_max_window_bits; client_max_window_bits=9", nil),
        // The first that can be met.
        Case("permessage-deflate; level=9, permessage-deflate", "permessage-deflate"),
        Case(
            "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=11",
            "permessage-deflate; server_max_window_bits=11"
        ),
        Case(
            "other, permessage-deflate; server_no_context_takeover, permessage-deflate",
            "permessage-deflate; server_no_context_takeover"
        ),
        Case(
            "permessage-deflate; client_max_window_bits=9; server_max_window_bits=10; client_no_context_takeover",
            "permessage-deflate; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9"
        ),
    ])
    func anOpenPolicy(_ testCase: Case) throws {
        var policy = DeflatePolicy()
        policy.keepsServerContext = true
        policy.keepsClientContext = true
        #expect(policy.negotiate(try offers(testCase.offer))?.answer.fieldValue == testCase.answer)
    }

    @Test("by default nothing is remembered, and the server's window is no larger than it may be")
    func aFrugalPolicy() throws {
        var policy = DeflatePolicy()
        policy.maxWindowBits = 12
        let agreed = try #require(policy.negotiate(try offers(Self.name)))
        #expect(agreed.parameters.serverNoContextTakeover && agreed.parameters.clientNoContextTakeover)
        #expect(
            agreed.answer.fieldValue
                == "\(Self.name); server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12"
        )
        let smaller = policy.negotiate(try offers("\(Self.name); server_max_window_bits=10"))
        #expect(smaller?.parameters.serverMaxWindowBits == 10)
    }
}
