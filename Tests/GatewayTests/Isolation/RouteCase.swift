import Domain
import JSON
import TestSupport

@testable import Gateway

/// What a call could be told of another tenant, or tell of one.
struct RouteCase {
    enum Kind {
        /// Its path names something.
        case thing
        /// Its path names something of the program, which is the same for everybody.
        case part
        /// Its answer has all or some of what the tenant has.
        case list
        /// It makes something.
        case making
        /// It is about who the caller is: `ProofIsolationTests`.
        case proof
        /// Its answer is the same for everybody.
        case open
    }

    /// Something of another tenant, and the like of it that never was.
    struct Pair {
        let theirs: String
        let nobodys: String

        init(_ theirs: String, _ nobodys: String = FlowID.generate().text) {
            self.theirs = theirs
            self.nobodys = nobodys
        }
    }

    let kind: Kind
    /// The other tenant's id for the path, and the caller's own.
    var theirs = ""
    var own = ""
    /// Something that belongs to what the path names, the other tenant's and the caller's own: a delivery of a webhook.
    var part = (theirs: "", own: "")
    /// What stands before the id in the path.
    var prefix = ""
    /// Content that would be good for it.
    var body: String?
    var type = "application/json"
    /// Query parameters by which something of another tenant can be named.
    var pairs: [String: Pair] = [:]
    /// Parameters and members of the content by which something of a tenant can be named, and that have tests of their own.
    var named: Set<String> = []
    /// Parameters and members of the content by which nothing of a tenant can be named: numbers, words of the program, and
    /// text that is kept and never looked up.
    var harmless: Set<String> = []

    func path(_ template: String, _ id: String) -> String {
        template.replacing("{id}", with: id).replacing("{stream}", with: prefix + id)
            .replacing("{delivery}", with: id == own ? part.own : part.theirs)
    }

    /// All calls, by method and path, as the first tenant would make them to get at what the second has. A call, parameter
    /// or member that is missing here fails `everyRouteHasACase`.
    static func all(_ own: Estate, _ other: Estate) throws -> [String: RouteCase] {
        let draft = #"{"step":"s","kind":"confirmation","title":"T","allowed":["approve"]}"#
        let prompt = ["step", "kind", "title", "message", "shown", "action", "response_schema", "allowed"]
        func cursor(_ path: String) throws -> Pair {
            let cursor = other.cursors[path] ?? ""
            return Pair(cursor, try Estate.madeUp(like: cursor))
        }
        func flow(_ change: (inout RouteCase) -> Void = { _ in }) -> RouteCase {
            var item = RouteCase(kind: .thing, theirs: other.flow, own: own.flow)
            change(&item)
            return item
        }
        func question(_ change: (inout RouteCase) -> Void = { _ in }) -> RouteCase {
            var item = RouteCase(kind: .thing, theirs: other.promptID, own: own.promptID)
            change(&item)
            return item
        }
        func webhook(_ change: (inout RouteCase) -> Void = { _ in }) -> RouteCase {
            var item = RouteCase(kind: .thing, theirs: other.webhook, own: own.webhook)
            item.part = (other.delivery, own.delivery)
            change(&item)
            return item
        }
        let name = other.tenant.name
        return [
            "POST /v1/auth/login": RouteCase(kind: .proof, named: ["tenant", "email", "password"]),
            "POST /v1/auth/refresh": RouteCase(kind: .proof, named: ["refresh_token"]),
            "POST /v1/auth/logout": RouteCase(kind: .proof),
            "GET /v1/me": RouteCase(kind: .proof),
            "POST /v1/flows": RouteCase(
                kind: .making,
                body: #"{"type":"external"}"#,
                named: ["input", "Idempotency-Key"],
                harmless: ["type", "title", "state", "metadata"]
            ),
            "GET /v1/flows": RouteCase(
                kind: .list,
                pairs: ["cursor": try cursor("/v1/flows")],
                harmless: ["status", "type", "limit"]
            ),
            "GET /v1/flows/{id}": flow { $0.harmless = ["If-None-Match"] },
            "POST /v1/flows/{id}/cancel": flow { $0.named = ["Idempotency-Key"] },
            "POST /v1/flows/{id}/retry": flow { $0.named = ["Idempotency-Key"] },
            "POST /v1/flows/{id}/fork": flow {
                $0.body = "{}"
                $0.named = ["Idempotency-Key"]
                $0.harmless = ["at", "title", "ask_again"]
            },
            "GET /v1/agents": RouteCase(kind: .open),
            "GET /v1/flow-types": RouteCase(kind: .open),
            "GET /v1/flow-types/{type}": RouteCase(kind: .part),
            "PATCH /v1/flows/{id}/state": flow {
                $0.body = #"[{"op":"add","path":"/x","value":1}]"#
                $0.type = "application/json-patch+json"
                $0.harmless = ["If-Match"]
            },
            "PUT /v1/flows/{id}/state": flow {
                $0.body = "{}"
                $0.harmless = ["If-Match"]
            },
            "GET /v1/flows/{id}/state": flow { $0.harmless = ["at"] },
            "GET /v1/flows/{id}/document": flow { $0.harmless = ["at"] },
            // Its cursors are positions.
            "GET /v1/flows/{id}/milestones": flow { $0.harmless = ["cursor", "limit"] },
            "POST /v1/flows/{id}/events": flow {
                $0.body = #"{"type":"CUSTOM","name":"a","value":1}"#
                $0.named = ["Idempotency-Key"]
            },
            // Its cursors are positions: numbers, the same in every flow.
            "GET /v1/flows/{id}/events": flow {
                $0.named = ["Last-Event-ID"]
                $0.harmless = ["after", "cursor", "limit"]
            },
            "POST /v1/flows/{id}/prompts": flow {
                $0.body = draft
                $0.named = ["assignees", "Idempotency-Key"]
                $0.harmless = Set(prompt + ["requires_claim", "policy"])
            },
            "GET /v1/prompts": RouteCase(
                kind: .list,
                pairs: ["cursor": try cursor("/v1/prompts"), "flow": Pair(other.flow)],
                harmless: ["status", "limit"]
            ),
            "GET /v1/prompts/{id}": question { $0.harmless = ["wait"] },
            "POST /v1/prompts/{id}/claim": question(),
            "POST /v1/prompts/{id}/release": question(),
            "POST /v1/prompts/{id}/decision": question {
                $0.body = World.decision(other.prompt, "approve", key: "k").text
                $0.named = ["prompt", "idempotency_key"]
                $0.harmless = ["verb", "response", "arguments", "reason", "shown_digest", "version"]
            },
            "POST /v1/uploads": RouteCase(kind: .making, body: "a,b\n", type: "text/csv", harmless: ["X-Filename"]),
            "GET /v1/uploads/{id}": RouteCase(kind: .thing, theirs: other.upload, own: own.upload),
            "GET /v1/assets": RouteCase(
                kind: .list,
                pairs: [
                    "cursor": try cursor("/v1/assets"), "flow": Pair(other.flow), "q": Pair(name),
                    "environment": Pair("environment%20of%20\(name)"), "type": Pair("type%20of%20\(name)"),
                ],
                harmless: ["limit"]
            ),
            "GET /v1/assets/{id}": RouteCase(kind: .thing, theirs: other.asset, own: own.asset),
            "GET /v1/audit": RouteCase(
                kind: .list,
                pairs: [
                    "cursor": try cursor("/v1/audit"),
                    "subject": Pair("flow:\(other.flow)", "flow:\(FlowID.generate())"),
                ],
                harmless: ["action", "limit"]
            ),
            "GET /v1/webhooks": RouteCase(
                kind: .list,
                pairs: ["cursor": try cursor("/v1/webhooks")],
                harmless: ["limit"]
            ),
            "POST /v1/webhooks": RouteCase(
                kind: .making,
                body: #"{"url":"https://example.org/"}"#,
                named: ["Idempotency-Key"],
                harmless: ["url", "description", "events", "enabled"]
            ),
            "GET /v1/webhooks/{id}": webhook(),
            "PATCH /v1/webhooks/{id}": webhook {
                $0.body = #"{"enabled":true}"#
                $0.harmless = ["url", "description", "events", "enabled"]
            },
            "DELETE /v1/webhooks/{id}": webhook(),
            "POST /v1/webhooks/{id}/secret": webhook(),
            "POST /v1/webhooks/{id}/test": webhook(),
            "GET /v1/webhooks/{id}/deliveries": webhook {
                $0.pairs = ["cursor": try? cursor("deliveries")].compactMapValues(\.self)
                $0.harmless = ["status", "limit"]
            },
            "GET /v1/webhooks/{id}/deliveries/{delivery}": webhook(),
            "POST /v1/webhooks/{id}/deliveries/{delivery}/replay": webhook(),
            "POST /v1/webhooks/{id}/replay": webhook(),
            "GET /v1/streams/{stream}": flow {
                $0.prefix = "flow:"
                $0.pairs = ["since": Pair(other.positions[0].text, other.positions[0].madeUp.text)]
                $0.named = ["Last-Event-ID"]
                $0.harmless = ["wait", "status", "type"]
            },
            "GET /v1/ws": RouteCase(kind: .proof),
            "GET /healthz": RouteCase(kind: .open),
            "GET /readyz": RouteCase(kind: .open),
            "GET /metrics": RouteCase(kind: .open),
            "GET /openapi.json": RouteCase(kind: .open),
        ]
    }
}
