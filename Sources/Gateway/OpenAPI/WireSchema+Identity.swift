import Domain
import JSON

extension WireSchema {
    private static let roles = array(of: choice(Role.allCases.map(\.rawValue)))
    private static let user = object(["id": text, "email": textOrNull, "name": text, "roles": roles])
    private static let tenant = object(["id": id, "name": text])

    static let identity: [WireSchema] = [
        WireSchema("Login", object(["tenant": text, "email": text, "password": text], isOpen: false)),
        WireSchema("Refresh", object(["refresh_token": text], isOpen: false)),
        WireSchema(
            "Tokens",
            object([
                "access_token": text,
                "token_type": ["const": "Bearer"],
                "expires_in": ["type": "integer", "description": "Seconds."],
                "refresh_token": text,
                "user": user,
                "tenant": tenant,
            ])
        ),
        WireSchema(
            "Me",
            object(["user": user, "tenant": tenant, "roles": roles, "session": idOrNull, "expires_at": time])
        ),
        WireSchema("Health", object(["status": ["const": "ok"]])),
        WireSchema(
            "Readiness",
            object([
                "status": ["const": "ok"],
                "databases": ["type": "object", "additionalProperties": choice(["ok", "degraded"])],
            ])
        ),
        WireSchema("OpenAPI", anyObject),
        WireSchema(
            "Problem",
            object(
                [
                    "type": text,
                    "title": text,
                    "status": ["type": "integer"],
                    "code": choice(ProblemCode.allCases.map(\.rawValue).sorted()),
                    "detail": text,
                    "errors": array(of: object(["pointer": text, "message": text])),
                    "outcome": anyObject,
                    "superseded_by": idOrNull,
                    "claim": ["type": ["object", "null"]],
                    "prompt": reference("Prompt"),
                    "retry_after": ["type": "integer", "description": "Seconds."],
                    "limit": ["type": "integer", "description": "The limit that was reached."],
                    "limit_name": ["type": "string", "description": "Its name, that of a setting where there is one."],
                ],
                optional: [
                    "detail", "errors", "outcome", "superseded_by", "claim", "prompt", "retry_after", "limit",
                    "limit_name",
                ]
            )
        ),
    ]
}
