import CCurl
import CLinux
import Reactor

/// One request under way: a handle of libcurl, and what its callbacks are told.
///
/// The handle has the address of this object, so whoever adds it to a multi handle keeps the object until the handle is out.
final class CurlTransfer {
    typealias Completion = (Result<CurlResponse, CurlError>) -> Void

    let easy: OpaquePointer
    private let request: CurlRequest
    private var completion: Completion?
    private var fields: UnsafeMutablePointer<curl_slist>?
    private let reason = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var headers: [String: String] = [:]
    private var headerBytes = 0
    private var body: [UInt8] = []
    /// As much of the content as is wanted has come.
    private var isCut = false
    private var areHeadersTooLarge = false
    private var refused: SocketAddress?
    private var hasConnected = false

    /// Prepares a request.
    /// - Throws: ``CurlError/invalidURL`` for what libcurl does not take; `completion` is not called then.
    init(_ request: CurlRequest, completion: @escaping Completion) throws(CurlError) {
        guard CurlGlobal.isReady, let handle = curl_easy_init() else {
            reason.deallocate()
            throw .notConnected
        }
        easy = OpaquePointer(handle)
        self.request = request
        reason.initialize(repeating: 0)
        guard configure() else { throw .invalidURL }
        self.completion = completion
    }

    deinit {
        curl_easy_cleanup(UnsafeMutableRawPointer(easy))
        curl_slist_free_all(fields)
        reason.deallocate()
    }

    private var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(easy) }

    private func configure() -> Bool {
        for (name, value) in request.headers + [("Expect", ""), ("Accept", "*/*")] {
            // A field with a line break would be two.
            guard !(name + value).utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return false }
            let line = value.isEmpty ? "\(name):" : "\(name): \(value)"
            guard let longer = curl_slist_append(fields, line) else { return false }
            fields = longer
        }
        let texts: [(CURLoption, String?)] = [
            (CURLOPT_URL, request.url), (CURLOPT_PROTOCOLS_STR, request.mayBePlain ? "https,http" : "https"),
            // None, also none of the environment's: it would be connected to in the place of the host.
            (CURLOPT_PROXY, ""), (CURLOPT_CAINFO, request.authorities),
        ]
        for (option, text) in texts {
            guard let text else { continue }
            guard ccurl_set_text(handle, option, text) == CURLE_OK else { return false }
        }
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
            (CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1), (CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds),
            (CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds),
        ]
        for (option, number) in numbers {
            guard ccurl_set_long(handle, option, number) == CURLE_OK else { return false }
        }
        ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, fields)
        ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, reason.baseAddress)
        // Without a pointer libcurl would ask for the content instead of sending none.
        let isTaken = request.body.withUnsafeBytes { bytes in
            ccurl_set_content(handle, bytes.baseAddress ?? UnsafeRawPointer(handle), bytes.count) == CURLE_OK
        }
        guard isTaken else { return false }
        ccurl_set_takers(
            handle,
            { CurlTransfer.at($3).take(header: $0, $1 * $2) },
            { CurlTransfer.at($3).take(content: $0, $1 * $2) },
            { CurlTransfer.at($0).open($2) },
            Unmanaged.passUnretained(self).toOpaque()
        )
        return true
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> CurlTransfer {
        guard let context else { preconditionFailure("a callback without its transfer") }
        return Unmanaged.fromOpaque(context).takeUnretainedValue()
    }

    /// Ends the request: the handle is out.
    func end(_ code: CURLcode) {
        let completion = self.completion.take()
        completion?(result(code))
    }

    /// Gives the request up: the handle is out.
    func cancel() {
        let completion = self.completion.take()
        completion?(.failure(.cancelled))
    }

    private func result(_ code: CURLcode) -> Result<CurlResponse, CurlError> {
        let status = ccurl_status(handle)
        if code == CURLE_OK || code == CURLE_WRITE_ERROR && isCut {
            return .success(CurlResponse(status: status, headers: headers, body: body))
        }
        if areHeadersTooLarge { return .failure(.headersTooLarge(limit: request.headerLimit)) }
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return .failure(.timedOut)
        case CURLE_COULDNT_RESOLVE_HOST: return .failure(.unknownHost)
        case CURLE_COULDNT_CONNECT: return .failure(refused.map { .addressRefused($0) } ?? .notConnected)
        // The latter also when what came is no HTTP.
        case CURLE_URL_MALFORMAT,
            CURLE_UNSUPPORTED_PROTOCOL where !hasConnected:
            return .failure(.invalidURL)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_INITFAILED:
            return .failure(.tls(words(code)))
        default: return .failure(.brokenAnswer(words(code)))
        }
    }

    /// What libcurl says of a failure.
    private func words(_ code: CURLcode) -> String {
        let detail = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return detail.isEmpty ? String(cString: curl_easy_strerror(code)) : String(decoding: detail, as: UTF8.self)
    }

    // MARK: Callbacks

    private func take(header bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        headerBytes += count
        guard headerBytes <= request.headerLimit else {
            areHeadersTooLarge = true
            return 0
        }
        let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        // Another answer begins: the one before it was only an interim one.
        if line.hasPrefix("HTTP/") { headers = [:] }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingWhitespace }
        return count
    }

    private func take(content bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let room = request.bodyLimit - body.count
        body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: min(count, room)))
        isCut = count > room
        return isCut ? 0 : count
    }

    private func open(_ target: UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t {
        guard let target, let pointer = ccurl_address(target),
            let address = SocketAddress(
                kernelForm: UnsafeRawBufferPointer(start: pointer, count: Int(target.pointee.addrlen))
            )
        else { return -1 }
        guard request.mayConnect(address) else {
            refused = address
            return -1
        }
        hasConnected = true
        return clinux_stream_socket(target.pointee.family)
    }
}

/// libcurl as a whole.
enum CurlGlobal {
    /// Whether it could be set up, once for the process.
    static let isReady = ccurl_begin() == CURLE_OK
}

extension Duration {
    /// At least 1: libcurl takes 0 for no limit.
    fileprivate var wholeMilliseconds: Int {
        max(1, Int(clamping: components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000))
    }
}

extension Substring {
    fileprivate var trimmingWhitespace: String {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
