import HTTP
import HTTPTypes
import Testing

@testable import Gateway

struct RouterTests {
    let router = Router(Route.all)

    private func path(_ method: HTTPRequest.Method, _ target: String) -> String {
        switch router.match(RequestHead(method: method, target: target)) {
        case .found(let route, let captures):
            "\(route.method) \(route.path.text) \(captures.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })"
        case .otherMethod(let allowed): "allow \(allowed.map(\.rawValue).joined(separator: ","))"
        case .unknown: "unknown"
        }
    }

    @Test(arguments: [
        ("GET", "/v1/flows", #"GET /v1/flows []"#),
        ("HEAD", "/v1/flows?limit=1", #"GET /v1/flows []"#),
        ("GET", "/v1/flows/42", #"GET /v1/flows/{id} ["id=42"]"#),
        ("GET", "/v1/flows/a%20b/events", #"GET /v1/flows/{id}/events ["id=a b"]"#),
        ("GET", "/v1/flows/", "unknown"),
        ("GET", "/v1/flows/42/", "unknown"),
        ("GET", "/v1//flows", "unknown"),
        ("GET", "/V1/flows", "unknown"),
        ("GET", "/v1/flows/%2e%2e/events", "unknown"),
        ("GET", "/v1/flows/a%2Fb", "unknown"),
        ("DELETE", "/v1/flows", "allow GET,HEAD,POST,OPTIONS"),
        ("OPTIONS", "/v1/flows/42/state", "allow GET,HEAD,PUT,PATCH,OPTIONS"),
        ("POST", "/healthz", "allow GET,HEAD,OPTIONS"),
        ("GET", "/v1/flows/42/cancel", "allow POST,OPTIONS"),
    ])
    func findsTheCall(method: String, target: String, expected: String) throws {
        #expect(path(try #require(HTTPRequest.Method(method)), target) == expected)
    }

    @Test func theServerAsAWholeHasTheMethodsOfItsCalls() {
        #expect(router.methods == [.get, .head, .post, .put, .patch, .delete, .options])
        for form in [TargetForm.asterisk, .absolute(authority: "a.example")] {
            let target = form == .asterisk ? "*" : "http://a.example"
            let match = router.match(RequestHead(method: .options, target: target, form: form))
            guard case .otherMethod(let allowed) = match else {
                Issue.record("\(form): \(match)")
                continue
            }
            #expect(allowed == router.methods)
        }
    }

    @Test func noTwoRoutesAreTheSame() {
        let names = Route.all.map { "\($0.method) \($0.path.text)" }
        #expect(Set(names).count == names.count)
    }

    @Test func everySchemaThatARouteNamesExists() {
        let known = Set(WireSchema.all.map(\.name))
        for route in Route.all {
            for schema in route.answers.compactMap(\.schema) { #expect(known.contains(schema), "\(schema)") }
            if case .json(let schema, _) = route.body { #expect(known.contains(schema), "\(schema)") }
        }
        #expect(Set(WireSchema.published).isSubset(of: known))
    }
}
