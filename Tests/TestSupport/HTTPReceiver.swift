import Foundation
import Glibc
import Locking

/// A server of a test's own that takes HTTP requests and answers as it is told: well, badly, slowly, or not at all. On plain
/// sockets and threads, so that it owes nothing to what is tested.
public final class HTTPReceiver: Sendable {
    /// A request as it came.
    public struct Request: Sendable {
        /// `POST`.
        public let method: String
        /// The path with the query.
        public let path: String
        /// By their names in lower case.
        public let headers: [String: String]
        /// The content.
        public let body: [UInt8]
        /// The number of the connection it came over, from 0.
        public let connection: Int
    }

    /// What becomes of a request.
    public enum Reaction: Sendable {
        /// An answer; the connection goes on.
        case answer(Int, headers: [(String, String)] = [], body: String = "")
        /// These bytes, and the end of the connection.
        case bytes(String)
        /// These bytes again and again until nobody takes them.
        case flood(String, then: String)
        /// Nothing, until the peer goes away.
        case silence
        /// The end of the connection.
        case hangUp
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var open: Set<Int32> = []
        var isEnded = false
    }

    /// The port on 127.0.0.1, or on ::1.
    public let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())
    private let react: @Sendable (Request, Int) -> Reaction

    /// Begins to take requests.
    /// - Parameter react: says what becomes of a request, of which it is told the number, from 0.
    public init(_ react: @escaping @Sendable (Request, Int) -> Reaction = { _, _ in .answer(204) }) throws {
        self.react = react
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 ? getsockname(listener, $0, &length) : -1
            }
        }
        guard code == 0 else { throw TestSupportError("no receiver: \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [weak self, listener] in
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { return }
                guard let self else {
                    _ = close(peer)
                    return
                }
                self.serve(peer)
            }
        }
        thread.start()
    }

    deinit { stop() }

    /// Takes no more, and ends all connections.
    public func stop() {
        let open = state.withLock { state -> Set<Int32> in
            guard !state.isEnded else { return [] }
            state.isEnded = true
            return state.open
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for peer in open { shutdown(peer, Int32(SHUT_RDWR)) }
    }

    /// The requests that have come, in order.
    public var requests: [Request] { state.withLock(\.requests) }

    /// Connections that have come.
    public var connections: Int { state.withLock(\.connections) }

    /// The URL of a path.
    public func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

    private func serve(_ peer: Int32) {
        let number = state.withLock { state in
            state.open.insert(peer)
            state.connections += 1
            return state.connections - 1
        }
        Thread { [self] in
            var buffer: [UInt8] = []
            while let request = Self.read(from: peer, &buffer, number) {
                let index = state.withLock { state in
                    state.requests.append(request)
                    return state.requests.count - 1
                }
                guard perform(react(request, index), on: peer) else { break }
            }
            state.withLock { _ = $0.open.remove(peer) }
            close(peer)
        }.start()
    }

    private func perform(_ reaction: Reaction, on peer: Int32) -> Bool {
        switch reaction {
        case .answer(let status, let headers, let body):
            let fields = headers.map { "\($0): \($1)\r\n" }.joined()
            let length = status == 204 ? "" : "Content-Length: \(body.utf8.count)\r\n"
            return Self.send("HTTP/1.1 \(status) Whatever\r\n\(length)\(fields)\r\n\(body)", to: peer)
        case .bytes(let text):
            _ = Self.send(text, to: peer)
            return false
        case .flood(let head, let rest):
            guard Self.send(head, to: peer) else { return false }
            while Self.send(rest, to: peer) {}
            return false
        case .silence:
            var byte: UInt8 = 0
            while recv(peer, &byte, 1, 0) > 0 {}
            return false
        case .hangUp:
            return false
        }
    }

    private static func send(_ text: String, to peer: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }

    /// The next request; nil when the connection ends before it is whole.
    private static func read(from peer: Int32, _ buffer: inout [UInt8], _ connection: Int) -> Request? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let head = buffer.firstRange(of: end) {
                let lines = String(decoding: buffer[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    if parts.count == 2 {
                        headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
                    }
                }
                let length = headers["content-length"].flatMap { Int($0) } ?? 0
                if buffer.count >= head.upperBound + length {
                    let words = lines[0].split(separator: " ")
                    let body = Array(buffer[head.upperBound..<head.upperBound + length])
                    buffer.removeFirst(head.upperBound + length)
                    guard words.count == 3 else { return nil }
                    return Request(
                        method: String(words[0]),
                        path: String(words[1]),
                        headers: headers,
                        body: body,
                        connection: connection
                    )
                }
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(peer, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }
}
