import HTTP
import HTTPTypes

/// Finds the call that a request means.
struct Router: Sendable {
    enum Match: Sendable {
        case found(Route, captures: [String: String])
        /// The path exists, with these methods.
        case otherMethod(allowed: [HTTPRequest.Method])
        /// No call has this path.
        case unknown
    }

    private struct Path: Sendable {
        let template: PathTemplate
        var routes: [HTTPRequest.Method: Route] = [:]

        /// In a fixed order. Every GET can be a HEAD.
        var allowed: [HTTPRequest.Method] {
            let order: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
            return order.filter { $0 == .options || routes[$0 == .head ? .get : $0] != nil }
        }
    }

    private var paths: [Path] = []

    init(_ routes: [Route]) {
        for route in routes {
            let index = paths.firstIndex { $0.template == route.path } ?? paths.endIndex
            if index == paths.endIndex { paths.append(Path(template: route.path)) }
            paths[index].routes[route.method] = route
        }
    }

    /// A path that cannot be decoded is one that does not exist.
    func match(_ head: RequestHead) -> Match {
        if head.form == .asterisk { return .otherMethod(allowed: [.get, .head, .post, .put, .patch, .options]) }
        guard let segments = try? head.pathSegments() else { return .unknown }
        for path in paths {
            guard let captures = path.template.match(segments) else { continue }
            let method = head.method == .head ? .get : head.method
            guard let route = path.routes[method] else { return .otherMethod(allowed: path.allowed) }
            return .found(route, captures: captures)
        }
        return .unknown
    }
}
