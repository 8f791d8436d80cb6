import Curl
import Domain
import HTTP

/// What an attempt means for its delivery.
enum DeliveryVerdict: Equatable {
    /// The receiver took it.
    case taken(statusCode: Int)
    /// It did not, and may take it later; not before `after`, if it said so.
    case failed(statusCode: Int?, reason: String, after: Duration?)
    /// It wants to be told nothing any more.
    case gone
    /// Nobody tried to the end: this process stops.
    case interrupted

    init(_ response: CurlResponse, now: Timestamp) {
        switch response.status {
        case 200..<300: self = .taken(statusCode: response.status)
        case 410: self = .gone
        default:
            self = .failed(
                statusCode: response.status,
                reason: "the receiver answered \(response.status)",
                after: response.headers["retry-after"].flatMap { Self.wait(for: $0, now) }
            )
        }
    }

    init(_ error: CurlError) {
        self = error == .cancelled ? .interrupted : .failed(statusCode: nil, reason: error.description, after: nil)
    }

    /// RFC 9110 §10.2.3: seconds, or a date.
    private static func wait(for text: String, _ now: Timestamp) -> Duration? {
        if let seconds = UInt32(text) { return .seconds(Int64(seconds)) }
        let now = Int(now.seconds)
        return HTTPDate.parse(text, now: now).map { .seconds(max(0, $0 - now)) }
    }
}
