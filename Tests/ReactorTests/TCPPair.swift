import CLinux
import Glibc
import Testing

@testable import Reactor

/// Two ends of a loopback connection: a non-blocking descriptor for the loop and a plain peer for the test.
struct TCPPair {
    /// Who takes it over closes it.
    let descriptor: Int32
    let peer: Peer

    /// - Parameters:
    ///   - sendBuffer: what the kernel may hold of our output, in bytes; small ones make partial writes.
    ///   - receiveBuffer: what it may hold of our input.
    init(sendBuffer: Int32? = nil, receiveBuffer: Int32? = nil) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        if var receiveBuffer {
            setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try #require(any.withSockaddr { bind(listener, $0, $1) } == 0)
        try #require(listen(listener, 1) == 0)
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        try #require(code == 0)
        peer = try Peer(to: try #require(SocketAddress(storage: storage)))
        descriptor = accept(listener, nil, nil)
        try #require(descriptor >= 0)
        try #require(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK) == 0)
        if var sendBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &sendBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}

/// A blocking client socket that gives up after ten seconds.
final class Peer: Sendable {
    enum Ending: Equatable {
        case end
        case failed(Int32)
    }

    let descriptor: Int32

    /// An IPv4 socket that is not connected yet.
    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    convenience init(to address: SocketAddress) throws {
        try self.init()
        try connect(to: address)
    }

    deinit { close(descriptor) }

    func connect(to address: SocketAddress) throws {
        try #require(address.withSockaddr { Glibc.connect(descriptor, $0, $1) } == 0, "connect: \(errno)")
    }

    /// Sends all of `bytes`; false when the connection fails first.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes[offset...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            offset += sent
        }
        return true
    }

    /// Receives `count` bytes, or less when the connection ends first.
    func receive(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let received = bytes[filled...].withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard received > 0 else { break }
            filled += received
        }
        return Array(bytes[..<filled])
    }

    /// Receives until the connection ends, and tells how it did.
    func receiveAll() -> (bytes: [UInt8], ending: Ending) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let received = recv(descriptor, &buffer, buffer.count, 0)
            if received == 0 { return (bytes, .end) }
            if received < 0 { return (bytes, .failed(errno)) }
            bytes += buffer[..<received]
        }
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection with a reset instead of an orderly end; the descriptor itself stays until deinit.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        // Dissolving the association sends the reset (connect(2), AF_UNSPEC).
        _ = Glibc.connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }
}
