import Domain
import Glibc
import JSON
import Reactor
import Server
import TestSupport
import Testing

@testable import Gateway

/// Event streams whose readers do not keep up.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct SlowReaderTests {
    private static let budget = 64 << 10
    private static let eventBytes = 4000
    private static let batch = 200
    /// More bytes in all than the kernel's buffers of both ends can hold.
    private static let events = 2400

    @Test func aReaderThatStopsCostsNoMemoryAndMissesNothing() async throws {
        try await World.run { _, configuration in
            configuration.writeBudget = Self.budget
        } _: { world in
            let flow = try await world.makeFlow()
            let wire = try await open(flow, world)
            try await append(to: flow, world)
            // All that is ever waiting: what was below the budget before, and the one event that went over it. Of that
            // the kernel may take some before it is full, and the stream goes on when half the budget is left.
            let bound = Self.budget + 2 * Self.eventBytes
            var largest = 0
            try await eventually {
                largest = max(largest, try await pendingBytes(world).max() ?? 0)
                return largest > Self.budget / 2
            }
            let last = Self.events + 1
            var received: [UInt8] = []
            while !Self.hasEvent(last, in: received) {
                received += try await Wire.pool.run { try wire.receive() }
                largest = max(largest, try await pendingBytes(world).max() ?? 0)
            }
            #expect(largest <= bound, "\(largest) bytes waited at most")
            #expect(Self.numbers(in: received) == Array(1...last))
        }
    }

    @Test func aReaderThatTakesNothingIsCutAndContinuesWhereItWas() async throws {
        try await World.run { _, configuration in
            configuration.writeBudget = Self.budget
            configuration.stallTimeout = .milliseconds(500)
        } _: { world in
            let flow = try await world.makeFlow()
            let wire = try await open(flow, world)
            try await append(to: flow, world)
            try await eventually { try await pendingBytes(world).isEmpty }
            // What the kernels held is still there to be read, and then the connection breaks.
            var received: [UInt8] = []
            while case let piece = try await Wire.pool.run({ try wire.receive() }), !piece.isEmpty { received += piece }
            let seen = Self.numbers(in: received)
            try #require(!seen.isEmpty)
            #expect(seen == Array(1...seen.count) && seen.count < Self.events)
            let epoch = try #require(
                String(decoding: received, as: UTF8.self).split(separator: "id: ").last?.split(separator: ":").first
            )
            let rest = try await open(flow, world, [("Last-Event-ID", "\(epoch):\(seen.count)")])
            received = []
            while !Self.hasEvent(Self.events + 1, in: received) {
                received += try await Wire.pool.run { try rest.receive() }
            }
            #expect(Self.numbers(in: received) == Array((seen.count + 1)...(Self.events + 1)))
        }
    }

    private func open(_ flow: String, _ world: World, _ fields: [(String, String)] = []) async throws -> Wire {
        let token = try await world.token(.viewer)
        let port = world.node.port
        return try await Wire.pool.run {
            let wire = try Wire(port: port, receiveBuffer: 4096)
            let all = fields + [("Accept", "text/event-stream"), ("Authorization", "Bearer \(token)")]
            try wire.send(HTTPAnswer.request("GET", "/v1/flows/\(flow)/events", all))
            return wire
        }
    }

    private func append(to flow: String, _ world: World) async throws {
        let agent = try await world.token(.agent)
        let event: JSON = [
            "type": "CUSTOM", "name": "n", "value": .string(String(repeating: "x", count: Self.eventBytes - 500)),
        ]
        let body = JSON.array(Array(repeating: event, count: Self.batch)).text
        for _ in 0..<(Self.events / Self.batch) {
            let answer = try await world.node.call("POST", "/v1/flows/\(flow)/events", as: agent, body: body)
            guard answer.status == 201 else { throw Missing(description: "\(answer)") }
        }
    }

    /// What waits for each event stream of the server.
    private func pendingBytes(_ world: World) async throws -> [Int] {
        var all: [Int] = []
        for worker in world.node.workers.workers {
            all += await worker.run { worker in
                (1...10).compactMap { number in
                    (worker.attachment(LocalSubscribers.self)?[number] as? EventStream)?.writer.pendingBytes
                }
            }
        }
        return all
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(60)
        while try await !condition() {
            guard clock.now < end else { throw Missing(description: "the condition did not come true") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func hasEvent(_ number: Int, in received: [UInt8]) -> Bool {
        let tail = String(decoding: received.suffix(2 * eventBytes), as: UTF8.self)
        return tail.contains(":\(number)\ndata: ") && tail.hasSuffix("\n\n\r\n")
    }

    /// The positions of the whole events in a response, in order.
    private static func numbers(in received: [UInt8]) -> [Int] {
        let start = HTTPAnswer.endOfHead(received) ?? 0
        let text = String(decoding: HTTPAnswer.unchunked(Array(received[start...])), as: UTF8.self)
        return text.split(separator: "\n\n").compactMap { block in
            guard block.hasPrefix("id: "), let line = block.split(separator: "\n").first else { return nil }
            return line.split(separator: ":").last.flatMap { Int($0) }
        }
    }
}
