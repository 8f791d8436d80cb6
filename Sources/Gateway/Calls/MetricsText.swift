import HTTP
import HTTPTypes
import Server
import Streams

/// A figure of the process, as `/metrics` shows it. Nothing in it belongs to a tenant.
public struct Metric: Sendable {
    /// How Prometheus takes it.
    public enum Kind: String, Sendable {
        /// It only grows.
        case counter
        /// It is what it is now.
        case gauge
    }

    let name: String
    let kind: Kind
    let help: String
    let samples: [(labels: String, value: String)]

    /// One figure.
    public init(_ name: String, _ kind: Kind, _ help: String, _ value: some Numeric & Sendable) {
        self.name = name
        self.kind = kind
        self.help = help
        samples = [("", "\(value)")]
    }

    /// One figure for each value of a label.
    public init(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        by label: String,
        _ values: [(String, some Numeric & Sendable)]
    ) {
        self.init(name, kind, help, byLabels: values.map { ([(label, $0.0)], $0.1) })
    }

    /// One figure for each combination of values of labels.
    public init(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        byLabels values: [([(label: String, value: String)], some Numeric & Sendable)]
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        samples = values.map { labels, value in
            (labels: "{\(labels.map { "\($0.label)=\"\($0.value)\"" }.joined(separator: ","))}", value: "\(value)")
        }
    }
}

/// Figures in the text format of Prometheus, version 0.0.4.
enum MetricsText {
    static let contentType = "text/plain"

    static func response(_ metrics: [Metric]) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "\(contentType); version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: .bytes(Array(text(metrics).utf8))
        )
    }

    static func text(_ metrics: [Metric]) -> String {
        metrics.map { metric in
            let name = "signalbox_\(metric.name)"
            let head = "# HELP \(name) \(metric.help)\n# TYPE \(name) \(metric.kind.rawValue)\n"
            return head + metric.samples.map { "\(name)\($0.labels) \($0.value)\n" }.joined()
        }.joined()
    }
}

extension StreamCounters {
    var metric: Metric {
        Metric(
            "stream_events_total",
            .counter,
            "What happened to subscriptions since the process began.",
            by: "event",
            Event.allCases.map { ($0.label, self[$0]) }
        )
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
