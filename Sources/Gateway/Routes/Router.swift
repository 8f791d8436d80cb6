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

        var allowed: [HTTPRequest.Method] { Router.allowed { routes[$0] != nil } }
    }

    private var paths: [Path] = []
    /// The methods that some call has, in a fixed order.
    let methods: [HTTPRequest.Method]

    /// In the order in which they are shown. All others are not implemented here (RFC 9110 §9.1), TRACE among them, which
    /// would show a page what the browser hides from it, and CONNECT, which is for proxies.
    static let knownMethods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

    init(_ routes: [Route]) {
        for route in routes {
            let index = paths.firstIndex { $0.template == route.path } ?? paths.endIndex
            if index == paths.endIndex { paths.append(Path(template: route.path)) }
            paths[index].routes[route.method] = route
        }
        let paths = self.paths
        methods = Self.allowed { method in paths.contains { $0.routes[method] != nil } }
    }

    /// Every GET can be a HEAD, and what is allowed can always be asked.
    private static func allowed(where hasRoute: (HTTPRequest.Method) -> Bool) -> [HTTPRequest.Method] {
        knownMethods.filter { $0 == .options || hasRoute($0 == .head ? .get : $0) }
    }

    /// A path that cannot be decoded is one that does not exist.
    func match(_ head: RequestHead) -> Match {
        if head.isServerWide { return .otherMethod(allowed: methods) }
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
