import CLinux
import Glibc
import Testing

@testable import Reactor

/// A blocking client socket on loopback that speaks whatever bytes the test wants; it gives up after ten seconds.
final class TestClient {
    struct Response: Equatable {
        var status: Int
        var fields: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Ending: Equatable {
        case end
        case failed(Int32)
    }

    let descriptor: Int32
    /// Received and not yet taken.
    private var input: [UInt8] = []

    /// - Parameters:
    ///   - buffers: what the kernel may hold for this end, in bytes.
    ///   - host: this end's address.
    convenience init(_ address: SocketAddress, buffers: Int32? = nil, from host: String? = nil) throws {
        try self.init(buffers: buffers, family: address.family)
        if let host {
            let own = try #require(SocketAddress(host: host, port: 0))
            try #require(own.withSockaddr { bind(descriptor, $0, $1) } == 0)
        }
        try connect(to: address)
    }

    /// A socket that is not connected yet.
    init(buffers: Int32? = nil, family: Int32 = AF_INET) throws {
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        if var buffers {
            for option in [SO_RCVBUF, SO_SNDBUF] {
                setsockopt(descriptor, SOL_SOCKET, option, &buffers, socklen_t(MemoryLayout<Int32>.size))
            }
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    func connect(to address: SocketAddress) throws {
        let code = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        if code != 0 { throw SystemError("connect") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends all of `bytes`; false when the connection fails first.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let sent = sendSome(bytes[offset...], flags: 0)
            guard sent > 0 else { return false }
            offset += sent
        }
        return true
    }

    /// Sends `piece` again and again until nothing is taken for half a second or `limit` bytes are out; returns how many.
    func flood(_ piece: [UInt8], limit: Int) -> Int {
        var (total, offset) = (0, 0)
        var lastProgress = ContinuousClock.now
        while total < limit, ContinuousClock.now - lastProgress < .milliseconds(500) {
            let sent = sendSome(piece[offset...], flags: Int32(MSG_DONTWAIT))
            if sent > 0 {
                total += sent
                offset = (offset + sent) % piece.count
                lastProgress = .now
            } else if errno == EAGAIN {
                usleep(5000)
            } else {
                break
            }
        }
        return total
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// One response; `isHead` when it answers a HEAD. Interim responses are returned like any other.
    func response(isHead: Bool = false) throws -> Response {
        let head = String(decoding: try take(through: "\r\n\r\n"), as: UTF8.self)
        var lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        let status = try #require(Int(lines.removeFirst().split(separator: " ")[1]))
        var fields: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts[1].trimmingPrefix(" ").description
        }
        var response = Response(status: status, fields: fields, body: [])
        if isHead || status < 200 || status == 204 || status == 304 { return response }
        if fields["transfer-encoding"] == "chunked" {
            while let chunk = try chunk() { response.body += chunk }
        } else {
            response.body = try take(try #require(fields["content-length"].flatMap { Int($0) }))
        }
        return response
    }

    /// One chunk of a chunked body; nil after the last.
    func chunk() throws -> [UInt8]? {
        let line = String(decoding: try take(through: "\r\n").dropLast(2), as: UTF8.self)
        let size = try #require(Int(line, radix: 16))
        let bytes = try take(size)
        _ = try take(2)
        return size == 0 ? nil : bytes
    }

    /// Whatever comes until the connection ends, and how it does.
    func rest() -> (text: String, ending: Ending) {
        while true {
            let received = receive()
            if received == 0 { return (takeText(), .end) }
            if received < 0 { return (takeText(), .failed(errno)) }
        }
    }

    /// Takes `count` bytes.
    func take(_ count: Int) throws -> [UInt8] {
        while input.count < count { try more() }
        defer { input.removeFirst(count) }
        return Array(input[..<count])
    }

    /// Takes what has come, waiting for at least one byte; empty at the end of the connection.
    func takeSome() -> [UInt8] {
        if input.isEmpty, receive() <= 0 { return [] }
        defer { input = [] }
        return input
    }

    private func take(through mark: String) throws -> [UInt8] {
        let mark = Array(mark.utf8)
        var start = 0
        while true {
            while start + mark.count <= input.count {
                if Array(input[start..<(start + mark.count)]) == mark { return try take(start + mark.count) }
                start += 1
            }
            try more()
        }
    }

    private func takeText() -> String {
        defer { input = [] }
        return String(decoding: input, as: UTF8.self)
    }

    private func more() throws {
        let received = receive()
        try #require(
            received > 0,
            "the connection ended after \(String(decoding: input, as: UTF8.self).debugDescription)"
        )
    }

    private func receive() -> Int {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let received = recv(descriptor, &buffer, buffer.count, 0)
        if received > 0 { input += buffer[..<received] }
        return received
    }

    private func sendSome(_ bytes: ArraySlice<UInt8>, flags: Int32) -> Int {
        bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | flags) }
    }
}
