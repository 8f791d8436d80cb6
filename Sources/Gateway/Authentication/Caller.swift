import Domain
import HTTP
import HTTPTypes
import Identity
import Reactor
import Server

/// Who makes a call, and by which proof.
struct Caller: Sendable {
    /// How the caller proved who they are.
    enum Proof: Sendable {
        /// An access token.
        case bearer(String)
        /// The value of the session cookie.
        case cookie(String)
        /// A client certificate that the operator has given an identity.
        case certificate(ServiceIdentity)

        /// Whose proof it is, if it holds now.
        /// - Throws: `AuthError`, `StoreError`.
        func principal(_ sessions: Sessions, now: Timestamp) async throws -> Principal {
            switch self {
            case .bearer(let token): try await sessions.principal(bearer: token, now: now)
            case .cookie(let cookie): try await sessions.principal(cookie: cookie, now: now)
            case .certificate(let service): try await sessions.principal(service: service, now: now)
            }
        }
    }

    let principal: Principal
    let proof: Proof

    static let sessionCookie = "signalbox_session"
    static let csrfCookie = "signalbox_csrf"

    /// Finds out who sends a request: by its bearer token, else by its session cookie, else by the certificate that its
    /// connection has shown; nil when there is none of them.
    /// - Throws: `AuthError`, `StoreError`.
    static func find(_ request: Request, _ services: Services, now: Timestamp) async throws -> Caller? {
        // Browsers send a certificate along whatever page asks; services send neither of these fields.
        let isFromPage = request.head.headers.contains(.origin) || request.head.headers.contains(.secFetchSite)
        let service = isFromPage ? nil : services.configuration.service(request.tls?.certificate)
        guard let proof = try proof(in: request.head) ?? service.map({ .certificate($0) }) else { return nil }
        return Caller(principal: try await proof.principal(services.sessions, now: now), proof: proof)
    }

    private static func proof(in head: RequestHead) throws -> Proof? {
        let credentials = head.headers[values: .authorization]
        guard let first = credentials.first else { return head.cookies[sessionCookie].map { .cookie($0) } }
        guard credentials.count == 1, let token = bearerToken(first) else { throw AuthError.invalidToken(.malformed) }
        return .bearer(token)
    }

    /// Refuses a request that changes something, comes from a browser by its cookie, and does not prove that our page made
    /// it.
    func checkCSRF(_ head: RequestHead) throws(Problem) {
        guard case .cookie(let cookie) = proof, ![.get, .head, .options].contains(head.method) else { return }
        guard let header = head.headers[.csrfToken], Sessions.verifyCSRF(cookie: cookie, header: header) else {
            throw Problem(.csrfFailed)
        }
    }

    /// The token of RFC 6750, section 2.1; the scheme's name is matched without case.
    private static func bearerToken(_ value: String) -> String? {
        let parts = value.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}

extension RequestOrigin {
    /// The origin of a request. One client has a whole /64 of IPv6 addresses.
    init(_ peer: SocketAddress?, channel: String) {
        let host = peer?.host ?? "unknown"
        guard host.contains(":"), !host.contains(".") else {
            self.init(address: host, channel: channel)
            return
        }
        self.init(address: Self.network(host), channel: channel)
    }

    private static func network(_ host: String) -> String {
        let halves = host.split(separator: "::", omittingEmptySubsequences: false)
        let head = halves[0].split(separator: ":")
        let tail = halves.count > 1 ? halves[1].split(separator: ":") : []
        let zeros = halves.count > 1 ? Array(repeating: Substring("0"), count: max(0, 8 - head.count - tail.count)) : []
        return (head + zeros + tail).prefix(4).joined(separator: ":") + "::/64"
    }
}
