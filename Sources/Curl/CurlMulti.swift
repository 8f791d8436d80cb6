import CCurl
import Reactor

/// All requests of one worker: libcurl's multi handle, whose sockets and timer are the loop's.
final class CurlMulti {
    private let loop: EventLoop
    private let multi: OpaquePointer
    private var transfers: [UInt64: CurlTransfer] = [:]
    private var numbers: [ObjectIdentifier: UInt64] = [:]
    private var sockets: [curl_socket_t: CurlSocket] = [:]
    private var timer: TimerID?
    private var isClosed = false

    /// Connections that are kept for the next request to the same host.
    private static let keptConnections = 32

    /// Nil when there is no memory for it.
    init?(loop: EventLoop) {
        guard CurlGlobal.isReady, let multi = curl_multi_init() else { return nil }
        self.loop = loop
        self.multi = OpaquePointer(multi)
        ccurl_set_loop(
            multi,
            { _, socket, what, context, _ in
                CurlMulti.at(context).watch(socket, what)
                return 0
            },
            { _, milliseconds, context in
                CurlMulti.at(context).delay(milliseconds)
                return 0
            },
            Self.keptConnections,
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    private var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(multi) }

    private static func at(_ context: UnsafeMutableRawPointer?) -> CurlMulti {
        guard let context else { preconditionFailure("a callback without its handle") }
        return Unmanaged.fromOpaque(context).takeUnretainedValue()
    }

    /// Begins a request, whose completion is called later.
    func start(_ transfer: CurlTransfer, number: UInt64) {
        transfers[number] = transfer
        numbers[ObjectIdentifier(transfer)] = number
        guard curl_multi_add_handle(handle, UnsafeMutableRawPointer(transfer.easy)) == CURLM_OK else {
            forget(number)
            return transfer.cancel()
        }
    }

    /// Gives a request up; does nothing when it has ended.
    func cancel(_ number: UInt64) {
        guard let transfer = transfers[number] else { return }
        curl_multi_remove_handle(handle, UnsafeMutableRawPointer(transfer.easy))
        forget(number)
        transfer.cancel()
    }

    /// Gives all requests up and closes all connections. Whoever owns this calls it before letting go.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        for number in transfers.keys.sorted() { cancel(number) }
        if let timer = timer.take() { loop.cancel(timer) }
        for socket in sockets.values { socket.unwatch(loop) }
        sockets = [:]
        curl_multi_cleanup(handle)
    }

    private func forget(_ number: UInt64) {
        guard let transfer = transfers.removeValue(forKey: number) else { return }
        numbers[ObjectIdentifier(transfer)] = nil
    }

    // MARK: The loop

    /// The kernel has news of a socket.
    func ready(_ socket: curl_socket_t, _ readiness: Readiness) {
        var mask: Int32 = 0
        if readiness.contains(.readable) { mask |= CURL_CSELECT_IN }
        if readiness.contains(.writable) { mask |= CURL_CSELECT_OUT }
        if readiness.contains(.failed) { mask |= CURL_CSELECT_ERR }
        act(socket, mask)
    }

    /// The loop has ended before this was closed.
    func tornDown(_ socket: curl_socket_t) { sockets[socket] = nil }

    private func watch(_ socket: curl_socket_t, _ what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            sockets.removeValue(forKey: socket)?.unwatch(loop)
            return
        }
        var interest: Interest = []
        if what & CURL_POLL_IN != 0 { interest.insert(.read) }
        if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
        if let known = sockets[socket] {
            known.watch(interest, loop)
        } else {
            // Without a registration the request ends by its time limit.
            sockets[socket] = try? CurlSocket(socket, interest, loop, owner: self)
        }
    }

    private func delay(_ milliseconds: Int) {
        if let timer = timer.take() { loop.cancel(timer) }
        guard milliseconds >= 0, !isClosed else { return }
        timer = loop.schedule(after: .milliseconds(milliseconds)) { [weak self] in
            self?.timer = nil
            self?.act(-1, 0)
        }
    }

    private func act(_ socket: curl_socket_t, _ mask: Int32) {
        guard !isClosed else { return }
        var running: Int32 = 0
        curl_multi_socket_action(handle, socket, mask, &running)
        var ended: [(CurlTransfer, CURLcode)] = []
        var code = CURLE_OK
        while let easy = ccurl_ended(handle, &code) {
            guard let context = ccurl_context(easy) else { continue }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            ended.append((transfer, code))
            curl_multi_remove_handle(handle, easy)
            if let number = numbers[ObjectIdentifier(transfer)] { forget(number) }
        }
        for (transfer, code) in ended { transfer.end(code) }
    }
}

/// A socket of libcurl on the loop. libcurl opens and closes it.
final class CurlSocket: ChannelHandler {
    private let socket: curl_socket_t
    private weak var owner: CurlMulti?
    private var channel: ChannelID?

    init(_ socket: curl_socket_t, _ interest: Interest, _ loop: EventLoop, owner: CurlMulti) throws(SystemError) {
        self.socket = socket
        self.owner = owner
        channel = try loop.register(socket, interest, handler: self)
    }

    func watch(_ interest: Interest, _ loop: EventLoop) {
        if let channel { loop.modify(channel, interest) }
    }

    func unwatch(_ loop: EventLoop) {
        if let channel = channel.take() { loop.deregister(channel) }
    }

    func channelReady(_ readiness: Readiness) { owner?.ready(socket, readiness) }

    func channelTornDown() {
        channel = nil
        owner?.tornDown(socket)
    }
}
