import Reactor
import TestSupport
import Testing

@testable import Curl

@Suite(.timeLimit(.minutes(1)))
struct FetchTests {
    private let worker = TestDatabase.workers.workers[0]

    private func request(_ url: String) -> CurlRequest {
        var request = CurlRequest(url: url, headers: [("X-One", "1")], body: Array("hello".utf8)) { $0.isLoopback }
        request.mayBePlain = true
        request.timeout = .seconds(20)
        return request
    }

    private func failure(_ request: CurlRequest) async -> CurlError? {
        do throws(CurlError) {
            _ = try await worker.fetch(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func aRequestIsSentAndItsAnswerRead() async throws {
        let receiver = try HTTPReceiver { _, _ in .answer(201, headers: [("Retry-After", "7")], body: "well") }
        let answer = try await worker.fetch(request(receiver.url("/in?a=b")))
        #expect(answer.status == 201)
        #expect(answer.headers["retry-after"] == "7")
        #expect(answer.body == Array("well".utf8))
        let taken = try #require(receiver.requests.first)
        #expect(taken.method == "POST" && taken.path == "/in?a=b" && taken.body == Array("hello".utf8))
        #expect(taken.headers["x-one"] == "1" && taken.headers["expect"] == nil)
    }

    @Test func aContentWithoutBytesIsOneToo() async throws {
        let receiver = try HTTPReceiver()
        var request = request(receiver.url())
        request.body = []
        #expect(try await worker.fetch(request).status == 204)
        #expect(receiver.requests.first?.headers["content-length"] == "0")
    }

    @Test func manyAtOnceShareConnectionsAndEachGetsItsOwnAnswer() async throws {
        let receiver = try HTTPReceiver { request, _ in .answer(200, body: request.path) }
        for round in 0..<3 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask { [worker] in
                        let path = "/\(round)/\(number)"
                        let answer = try await worker.fetch(self.request(receiver.url(path)))
                        #expect(answer.body == Array(path.utf8))
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(receiver.requests.count == 60)
        #expect(receiver.connections < 60)
    }

    // MARK: Where it may go

    @Test(arguments: ["http://127.0.0.1", "http://localhost", "http://[::1]", "http://0x7f.1", "http://127.1"])
    func theAddressIsCheckedWhenItIsConnectedTo(_ host: String) async throws {
        let receiver = try HTTPReceiver()
        var request = request("\(host):\(receiver.port)/")
        request.mayConnect = { _ in false }
        guard case .addressRefused(let address) = await failure(request) else {
            Issue.record("it was not refused")
            return
        }
        #expect(address.isLoopback && address.port == receiver.port)
        #expect(receiver.connections == 0)
    }

    @Test func redirectsAreAnswersAndNotFollowed() async throws {
        let receiver = try HTTPReceiver { _, _ in .answer(302, headers: [("Location", "/elsewhere")]) }
        #expect(try await worker.fetch(request(receiver.url())).status == 302)
        #expect(receiver.requests.count == 1)
    }

    @Test(arguments: ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://user:pw@127.0.0.1/", ""])
    func otherURLsAreNotUsed(_ url: String) async {
        #expect(await failure(request(url)) != nil)
    }

    @Test func plainHTTPMustBeAllowed() async throws {
        let receiver = try HTTPReceiver()
        var request = request(receiver.url())
        request.mayBePlain = false
        #expect(await failure(request) == .invalidURL)
        #expect(receiver.connections == 0)
    }

    @Test func aFieldIsNoPlaceForAnother() async throws {
        let receiver = try HTTPReceiver()
        var request = request(receiver.url())
        request.headers = [("X-One", "1\r\nX-Two: 2")]
        #expect(await failure(request) == .invalidURL)
        #expect(receiver.connections == 0)
    }

    // MARK: Bad receivers

    @Test func silenceEndsByTheTimeLimit() async throws {
        let receiver = try HTTPReceiver { _, _ in .silence }
        var request = request(receiver.url())
        request.timeout = .milliseconds(200)
        #expect(await failure(request) == .timedOut)
    }

    @Test func nobodyThere() async throws {
        let receiver = try HTTPReceiver()
        receiver.stop()
        #expect(await failure(request(receiver.url())) == .notConnected)
    }

    @Test func aNameWithoutAnAddress() async {
        #expect(await failure(request("http://nothing.invalid/")) == .unknownHost)
    }

    @Test(arguments: ["nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", ""])
    func aBrokenAnswer(_ text: String) async throws {
        let receiver = try HTTPReceiver { _, _ in .bytes(text) }
        guard case .brokenAnswer = await failure(request(receiver.url())) else {
            Issue.record("it was taken")
            return
        }
    }

    /// The status counts; the rest is neither kept nor waited for.
    @Test func aContentWithoutAnEnd() async throws {
        let receiver = try HTTPReceiver { _, _ in
            .flood("HTTP/1.1 200 OK\r\n\r\n", then: String(repeating: "x", count: 10_000))
        }
        var request = request(receiver.url())
        request.bodyLimit = 1000
        let answer = try await worker.fetch(request)
        #expect(answer.status == 200 && answer.body.count == 1000)
    }

    @Test func fieldsWithoutAnEnd() async throws {
        let receiver = try HTTPReceiver { _, _ in .flood("HTTP/1.1 200 OK\r\n", then: "X-More: and more\r\n") }
        let request = request(receiver.url())
        #expect(await failure(request) == .headersTooLarge(limit: request.headerLimit))
    }

    // MARK: Ends

    @Test func aCancelledTaskEndsItsRequest() async throws {
        let receiver = try HTTPReceiver { _, _ in .silence }
        let request = request(receiver.url())
        let task = Task { await failure(request) }
        let deadline = ContinuousClock.now + .seconds(30)
        while receiver.requests.isEmpty, ContinuousClock.now < deadline { await worker.sleep(for: .milliseconds(1)) }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func aWorkerThatEndsEndsItsRequests() async throws {
        let receiver = try HTTPReceiver { _, _ in .silence }
        let group = try WorkerGroup(count: 1)
        let other = group.workers[0]
        let request = request(receiver.url())
        let task = Task { () -> CurlError? in
            do throws(CurlError) {
                _ = try await other.fetch(request)
                return nil
            } catch {
                return error
            }
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while receiver.requests.isEmpty, ContinuousClock.now < deadline { await worker.sleep(for: .milliseconds(1)) }
        _ = try await TestDatabase.blockingPool.run { group.shutDown() }
        #expect(receiver.requests.count == 1)
        // A loop that has ended runs nothing any more, so nobody is there to hear what its task would say.
        task.cancel()
    }
}
