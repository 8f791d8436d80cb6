import JSON
import Testing

@testable import Gateway

struct RPCRequestTests {
    private func code(_ text: String) -> String {
        func word(_ result: Result<RPCRequest, RPCRequest.Refusal>) -> String {
            switch result {
            case .success(let request): "\(request.method)(\(request.id?.text ?? "-"))"
            case .failure(let refusal): "\(refusal.problem.code.meaning.number)@\(refusal.id.text)"
            }
        }
        return switch RPCRequest.read(Array(text.utf8).span) {
        case .single(let result): word(result)
        case .batch(let results): "[" + results.map(word).joined(separator: " ") + "]"
        }
    }

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":1,"method":"a"}"#, "a(1)"),
        (#"{"jsonrpc":"2.0","id":"x","method":"a","params":{}}"#, #"a("x")"#),
        (#"{"jsonrpc":"2.0","id":null,"method":"a"}"#, "a(null)"),
        (#"{"jsonrpc":"2.0","method":"a"}"#, "a(-)"),
        (#"{"jsonrpc":"2.0","id":1.5,"method":"a"}"#, "a(1.5)"),
        (#"{"jsonrpc":"1.0","id":1,"method":"a"}"#, "-32600@1"),
        (#"{"id":1,"method":"a"}"#, "-32600@1"),
        (#"{"jsonrpc":"2.0","id":1,"method":7}"#, "-32600@1"),
        (#"{"jsonrpc":"2.0","id":[1],"method":"a"}"#, "-32600@null"),
        (#"{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}"#, "-32602@1"),
        (#"{"jsonrpc":"2.0","id":1,"method":"a","params":null}"#, "-32602@1"),
        (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}"#, "-32700@null"),
        ("", "-32700@null"), ("7", "-32600@null"), ("[]", "-32600@null"), ("[1,2]", "[-32600@null -32600@null]"),
        (#"[{"jsonrpc":"2.0","method":"a"},[]]"#, "[a(-) -32600@null]"),
    ])
    func readsWhatTheSpecificationSays(text: String, expected: String) {
        #expect(code(text) == expected)
    }

    @Test func aBatchHasALimit() {
        let request = #"{"jsonrpc":"2.0","method":"a"}"#
        let most = Array(repeating: request, count: RPCRequest.maximumBatch)
        #expect(code("[" + most.joined(separator: ",") + "]").hasPrefix("[a(-)"))
        #expect(code("[" + (most + [request]).joined(separator: ",") + "]") == "-32600@null")
    }

    @Test func theBucketLetsThroughWhatItSays() {
        var bucket = TokenBucket(capacity: 3, perSecond: 2, now: 1_000_000_000)
        func takes(_ times: [UInt64]) -> [Bool] { times.map { bucket.take(now: $0) } }
        let second: UInt64 = 1_000_000_000
        #expect(takes([second, second, second, second]) == [true, true, true, false])
        #expect(takes([second + second / 4, second + second / 2]) == [false, true])
        // Time that goes backwards gives nothing, and a long silence no more than the capacity.
        #expect(takes([0]) == [false])
        #expect(takes(Array(repeating: 100 * second, count: 4)) == [true, true, true, false])
    }
}
