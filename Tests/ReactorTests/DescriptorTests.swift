import Glibc
import Testing

@testable import Reactor

/// What concerns descriptors of the whole process runs in a process of its own.
@Suite struct DescriptorTests {
    /// A descriptor that is closed in the middle of a batch of events, and whose number has a new owner before the batch
    /// is over.
    @Test func aStaleEventNeverReachesTheNextOwnerOfANumber() async {
        await #expect(processExitsWith: .success) {
            try await withWorkers { workers in
                let worker = workers.local
                let (first, second) = (try TCPPair(), try TCPPair())
                let journals = [Journal<StreamEvent>(), Journal<StreamEvent>()]
                let news = Journal<Int32>()
                try await worker.run { worker in
                    // Both have news in the next batch, and whichever comes first takes the other's place.
                    let ids = [
                        try worker.stream(first.descriptor, journals[0]),
                        try worker.stream(second.descriptor, journals[1]),
                    ]
                    let loop = worker.loop
                    let streams = ids.compactMap { id in id.flatMap { loop.handler(for: $0) as? SocketStream } }
                    for (stream, other) in [(streams[0], streams[1]), (streams[1], streams[0])] {
                        let number = stream === streams[0] ? second.descriptor : first.descriptor
                        (stream.delegate as? StreamProbe)?.onReceive = { [unowned other] in
                            other.abort()
                            let owner = NextOwner(news)
                            let spare = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                            if spare != number {
                                #expect(dup2(spare, number) == number)
                                close(spare)
                            }
                            #expect(throws: Never.self) { _ = try loop.register(number, .write, handler: owner) }
                        }
                    }
                    first.peer.send([1])
                    second.peer.send([2])
                }
                let isTaken = await eventually { journals.contains { $0.all.receivedBytes.count == 1 } }
                #expect(isTaken)
                await worker.sleep(for: .milliseconds(5))
                #expect(journals.filter { !$0.all.receivedBytes.isEmpty }.count == 1)
                #expect(journals.filter(\.all.isClosed).count == 1)
                // An unconnected socket is reported as failed at once: by its own events it is reached, by stale ones not.
                #expect(!news.all.contains(Int32(Readiness.readable.rawValue)))
            }
        }
    }

    @Test func thousandsOfConnectionsLeaveNoDescriptor() async {
        await #expect(processExitsWith: .success) {
            try await withWorkers { workers in
                let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
                let socket = try #require(try ListeningSocket.open(address, count: 1).first)
                let journal = Journal<StreamEvent>()
                try await workers.local.run { worker in
                    let loop = worker.loop
                    let acceptor = try Acceptor(
                        socket,
                        on: loop,
                        onAccept: { descriptor, peer in
                            #expect(peer?.isLoopback == true)
                            let probe = StreamProbe(journal)
                            let stream = try? SocketStream(descriptor: descriptor, on: loop, delegate: probe)
                            probe.onReceive = { [weak stream] in
                                stream?.write([42])
                                stream?.closeAfterFlush()
                            }
                        },
                        onExhaustion: { _ in }
                    )
                    worker.attach(acceptor)
                }
                let before = ProcessState.descriptorCount
                let total = 2100
                await onThread {
                    for number in 0..<total {
                        guard let peer = try? Peer(to: socket.address) else { continue }
                        switch number % 3 {
                        case 0: peer.send([1]); _ = peer.receiveAll()
                        case 1: peer.send([1])
                        default: peer.send([1]); peer.reset()
                        }
                    }
                }
                let isOver = await eventually {
                    journal.all.filter { if case .closed = $0 { true } else { false } }.count == total
                }
                #expect(isOver)
                // The runtime may have opened a few of its own meanwhile, for its clock; a leak would be of hundreds.
                #expect(await eventually { ProcessState.descriptorCount < before + 20 })
            }
        }
    }

    /// Who connects while there are no descriptors is let go at once, and those that are open are not touched.
    @Test func withoutDescriptorsConnectionsAreRefusedAndLaterTakenAgain() async {
        await #expect(processExitsWith: .success) {
            try await withWorkers { workers in
                let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
                let socket = try #require(try ListeningSocket.open(address, count: 1).first)
                let (accepted, news) = (Journal<Int32>(), Journal<String>())
                try await workers.local.run { worker in
                    let acceptor = try Acceptor(
                        socket,
                        on: worker.loop,
                        onAccept: { descriptor, _ in accepted.add(descriptor) },
                        onExhaustion: {
                            switch $0 {
                            case .began(let error): news.add("began \(error.code)")
                            case .refused(let descriptor): send(descriptor, "no", 2, 0)
                            case .ended: news.add("ended")
                            }
                        }
                    )
                    worker.attach(acceptor)
                }
                // The runtime's clock needs descriptors of its own, which it must have before there are none.
                try await Task.sleep(for: .milliseconds(1))
                let before = ProcessState.descriptorCount
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                limit.rlim_cur = 200
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                // The clients have their descriptors; the server's ends find none, but for what the runtime gives back.
                var peers = try (0..<20).map { _ in try Peer() }
                var hoard: [Int32] = []
                while true {
                    let descriptor = dup(0)
                    guard descriptor >= 0 else { break }
                    hoard.append(descriptor)
                }
                for peer in peers { try peer.connect(to: socket.address) }
                let answers = peers.suffix(10).map { $0.receiveAll() }
                #expect(answers.allSatisfy { $0.bytes == Array("no".utf8) && $0.ending == .end })
                #expect(accepted.all.count <= 10)
                #expect(news.all == ["began \(EMFILE)"])
                for descriptor in hoard { close(descriptor) }
                let late = try Peer(to: socket.address)
                #expect(await news.wait { $0.count == 2 } == ["began \(EMFILE)", "ended"])
                let taken = accepted.all
                #expect(!taken.isEmpty)
                withExtendedLifetime(late) {}
                for descriptor in taken { close(descriptor) }
                peers = []
                #expect(await eventually { abs(ProcessState.descriptorCount - before) <= 2 })
            }
        }
    }
}

private final class NextOwner: ChannelHandler {
    private let news: Journal<Int32>

    init(_ news: Journal<Int32>) { self.news = news }

    func channelReady(_ readiness: Readiness) { news.add(Int32(readiness.rawValue)) }
    func channelTornDown() {}
}
