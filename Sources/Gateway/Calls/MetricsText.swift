import HTTP
import HTTPTypes
import Server
import Streams

/// Counters in the text format of Prometheus, version 0.0.4. Nothing in them belongs to a tenant.
enum MetricsText {
    static let contentType = "text/plain"

    static func response(_ streams: StreamCounters) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "\(contentType); version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: .bytes(Array(text(streams).utf8))
        )
    }

    private static func text(_ streams: StreamCounters) -> String {
        let name = "signalbox_stream_events_total"
        let lines = StreamCounters.Event.allCases.map { "\(name){event=\"\($0.label)\"} \(streams[$0])" }
        let head = ["# HELP \(name) What happened to subscriptions since the process began.", "# TYPE \(name) counter"]
        return (head + lines).joined(separator: "\n") + "\n"
    }
}

extension StreamCounters.Event {
    fileprivate var label: String {
        switch self {
        case .resumed: "resumed"
        case .begun: "begun"
        case .resynchronised: "resynchronised"
        case .replaced: "replaced"
        case .conflated: "conflated"
        case .documentRead: "document_read"
        case .entriesRead: "entries_read"
        }
    }
}
