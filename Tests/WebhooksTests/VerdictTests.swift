import Curl
import Domain
import Testing

@testable import Webhooks

struct VerdictTests {
    private let now = Timestamp(microseconds: 784_111_777_000_000)

    private func verdict(_ status: Int, _ headers: [String: String] = [:]) -> DeliveryVerdict {
        DeliveryVerdict(CurlResponse(status: status, headers: headers, body: []), now: now)
    }

    @Test(arguments: [200, 201, 202, 204, 299])
    func taken(_ status: Int) { #expect(verdict(status) == .taken(statusCode: status)) }

    @Test(arguments: [100, 301, 302, 400, 401, 404, 429, 500, 503])
    func failed(_ status: Int) {
        #expect(
            verdict(status) == .failed(statusCode: status, reason: "the receiver answered \(status)", after: nil)
        )
    }

    @Test func gone() { #expect(verdict(410) == .gone) }

    @Test(arguments: [
        ("120", 120), ("0", 0), ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
    ])
    func later(_ text: String, _ seconds: Int) {
        guard case .failed(_, _, let after) = verdict(503, ["retry-after": text]) else {
            Issue.record("not a failure")
            return
        }
        #expect(after == .seconds(seconds))
    }

    @Test(arguments: ["soon", "-1", "1.5", "", "99999999999999999999"])
    func aWaitThatNobodyUnderstands(_ text: String) {
        guard case .failed(_, _, let after) = verdict(503, ["retry-after": text]) else {
            Issue.record("not a failure")
            return
        }
        #expect(after == nil)
    }

    @Test func whatWasGivenUpIsNoFailure() {
        #expect(DeliveryVerdict(.cancelled) == .interrupted)
        #expect(DeliveryVerdict(.timedOut) == .failed(statusCode: nil, reason: "no answer came in time", after: nil))
    }
}
