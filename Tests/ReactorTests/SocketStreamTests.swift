import Glibc
import PropertySupport
import Testing

@testable import Reactor

@Suite struct SocketStreamTests {
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func whatIsWrittenArrivesHoweverTheKernelCutsIt(seed: UInt64) async throws {
        try await withWorkers { workers in
            let pair = try TCPPair(sendBuffer: 4096)
            let journal = Journal<StreamEvent>()
            let id = try await workers.local.stream(pair.descriptor, journal)
            var random = SeededGenerator(seed: seed)
            var expected: [UInt8] = []
            var pieces: [[UInt8]] = []
            while expected.count < 1 << 20 {
                let count = [1, 7, 100, 5000, 70_000].randomElement(using: &random) ?? 1
                let piece = (0..<count).map { UInt8(truncatingIfNeeded: expected.count &+ $0 &* 31) }
                expected += piece
                pieces.append(piece)
            }
            // Sendable copies for the two threads.
            let (output, total) = (pieces, expected.count)
            async let received = onThread { pair.peer.receive(total) }
            for chunk in stride(from: 0, to: output.count, by: 90) {
                await workers.local.withStream(id) { stream in
                    for piece in output[chunk..<min(chunk + 90, output.count)] { stream.write(piece) }
                }
            }
            #expect(await received == expected, "seed \(seed)")
            let (sent, pending) = await workers.local.counts(id)
            #expect(sent == UInt64(total) && pending == 0)
        }
    }

    /// Exactly the mark counts as reached: who is told to pause at it must be told to go on.
    @Test(arguments: [0, 1])
    func drainIsToldOnceWhenTheHighWaterMarkWasReached(excess: Int) async throws {
        try await withWorkers { workers in
            let pair = try TCPPair(sendBuffer: 65_536)
            let journal = Journal<StreamEvent>()
            let total = 8 << 20
            let id = try await workers.local.stream(pair.descriptor, journal) { stream, _, _ in
                stream.highWater = total - excess
                stream.write([UInt8](repeating: 1, count: total))
            }
            _ = await onThread { pair.peer.receive(total).count }
            await journal.wait { $0.contains(.drained) }
            #expect(await workers.local.counts(id).pending == 0)
            #expect(journal.all == [.drained])
        }
    }

    @Test func nothingIsReadWhilePaused() async throws {
        try await withWorkers { workers in
            let pair = try TCPPair()
            let journal = Journal<StreamEvent>()
            let id = try await workers.local.stream(pair.descriptor, journal) { stream, _, _ in stream.setReading(false)
            }
            pair.peer.send([1, 2, 3])
            // The loop turns several times with the bytes waiting.
            for _ in 0..<5 { await workers.local.sleep(for: .milliseconds(1)) }
            #expect(journal.all.isEmpty)
            await workers.local.withStream(id) { $0.setReading(true) }
            #expect(await journal.wait { !$0.isEmpty } == [.received([1, 2, 3])])
        }
    }

    @Test func aStreamMayBeAbortedInsideItsCallbacks() async throws {
        try await withWorkers { workers in
            let (receiving, draining) = (Journal<StreamEvent>(), Journal<StreamEvent>())
            let (first, second) = (try TCPPair(), try TCPPair())
            _ = try await workers.local.stream(first.descriptor, receiving) { stream, probe, _ in
                probe.onReceive = { [unowned stream] in stream.abort() }
            }
            _ = try await workers.local.stream(second.descriptor, draining) { stream, probe, _ in
                probe.onDrain = { [unowned stream] in stream.abort() }
                stream.highWater = 1
                stream.write([9])
            }
            first.peer.send([1])
            #expect(await receiving.wait(until: \.isClosed) == [.received([1]), .closed(nil)])
            #expect(await draining.wait(until: \.isClosed) == [.drained, .closed(nil)])
            #expect(second.peer.receive(1) == [9])
        }
    }

    @Test func aPeerThatOnlyEndsItsSideIsStillWrittenTo() async throws {
        try await withWorkers { workers in
            let pair = try TCPPair()
            let journal = Journal<StreamEvent>()
            let id = try await workers.local.stream(pair.descriptor, journal)
            pair.peer.send([1])
            pair.peer.endSending()
            await journal.wait { $0.contains(.reachedEnd) }
            await workers.local.withStream(id) { stream in
                stream.write([2, 3])
                stream.closeAfterFlush()
            }
            let rest = await onThread { pair.peer.receiveAll() }
            #expect(rest.bytes == [2, 3] && rest.ending == .end)
            #expect(await journal.wait(until: \.isClosed) == [.received([1]), .reachedEnd, .closed(nil)])
        }
    }

    @Test(arguments: [true, false])
    func aResetClosesTheStreamAlsoWhileReadingIsPaused(isReading: Bool) async throws {
        try await withWorkers { workers in
            let pair = try TCPPair()
            let journal = Journal<StreamEvent>()
            _ = try await workers.local.stream(pair.descriptor, journal) { stream, _, _ in stream.setReading(isReading)
            }
            pair.peer.reset()
            #expect(await journal.wait(until: \.isClosed) == [.closed(ECONNRESET)])
        }
    }

    /// A peer in the middle of sending must get our last bytes, and not a reset because its own were never read.
    @Test func closingWithUnreadInputDoesNotDestroyTheLastBytes() async throws {
        try await withWorkers { workers in
            // More than the kernel holds for us: the peer can only finish when somebody reads.
            let pair = try TCPPair(receiveBuffer: 131_072)
            let journal = Journal<StreamEvent>()
            let id = try await workers.local.stream(pair.descriptor, journal) { stream, _, _ in stream.setReading(false)
            }
            pair.peer.send([UInt8](repeating: 1, count: 50_000))
            await workers.local.withStream(id) { stream in
                stream.write(Array("refused".utf8))
                stream.closeAfterFlush()
                stream.write([0])
            }
            let isSent = await onThread { pair.peer.send([UInt8](repeating: 1, count: 6 << 20)) }
            #expect(isSent)
            pair.peer.endSending()
            let rest = await onThread { pair.peer.receiveAll() }
            #expect(rest.bytes == Array("refused".utf8) && rest.ending == .end)
            #expect(await journal.wait(until: \.isClosed) == [.closed(nil)])
        }
    }

    /// The peer's end while our last bytes wait for the kernel must not cut them off.
    @Test func closingSendsEverythingToAPeerThatEndedItsSide() async throws {
        try await withWorkers { workers in
            let pair = try TCPPair(sendBuffer: 65_536)
            let journal = Journal<StreamEvent>()
            let total = 8 << 20
            let id = try await workers.local.stream(pair.descriptor, journal) { stream, _, _ in
                stream.write([UInt8](repeating: 5, count: total))
                stream.closeAfterFlush()
            }
            pair.peer.endSending()
            // It is seen before anything is read.
            for _ in 0..<3 { await workers.local.sleep(for: .milliseconds(2)) }
            #expect(await workers.local.counts(id).pending > 0)
            let rest = await onThread { pair.peer.receiveAll() }
            #expect(rest.bytes.count == total && rest.ending == .end)
            #expect(await journal.wait(until: \.isClosed).last == .closed(nil))
        }
    }

    @Test func aPeerThatNeverEndsIsNotWaitedForForever() async throws {
        try await withWorkers { workers in
            let pair = try TCPPair()
            let journal = Journal<StreamEvent>()
            _ = try await workers.local.stream(pair.descriptor, journal) { stream, _, _ in stream.closeAfterFlush() }
            #expect(await journal.wait(until: \.isClosed) == [.closed(nil)])
        }
    }

    @Test func aSecondRegistrationLeavesTheFirstAlone() async throws {
        try await withWorkers { workers in
            let pair = try TCPPair()
            let journal = Journal<StreamEvent>()
            _ = try await workers.local.stream(pair.descriptor, journal)
            let error = await workers.local.run { worker -> SystemError? in
                do throws(SystemError) {
                    _ = try worker.loop.register(pair.descriptor, .read, handler: Bystander())
                    return nil
                } catch {
                    return error
                }
            }
            #expect(error?.code == EEXIST)
            pair.peer.send([7])
            #expect(await journal.wait { !$0.isEmpty } == [.received([7])])
        }
    }
}

private final class Bystander: ChannelHandler {
    func channelReady(_ readiness: Readiness) {}
    func channelTornDown() {}
}

extension Worker {
    fileprivate func counts(_ id: ChannelID?) -> (sent: UInt64, pending: Int) {
        guard let id, let stream = loop.handler(for: id) as? SocketStream else { return (0, 0) }
        return (stream.sentBytes, stream.pendingBytes)
    }
}
