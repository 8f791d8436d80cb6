import Domain
import HTTPTypes
import Identity
import JSON
import Server
import Webhooks

extension Route {
    static let webhooks: [Route] = [
        Route(
            .get,
            "/v1/webhooks",
            .action(.manageWebhooks),
            "Lists webhooks, newest first.",
            parameters: Parameter.paging,
            answers: [Answer(200, "WebhookList")]
        ) { call in
            let (limit, cursor) = (try call.limit(), try call.cursor())
            let found = try await call.read { try await $0.webhooks.list(limit: limit, cursor: cursor) }
            let page = try call.page(found)
            return .page(page.items.map(\.json), next: page.next)
        },
        Route(
            .post,
            "/v1/webhooks",
            .action(.manageWebhooks),
            "Makes a webhook. Its secret is in this answer and in no other.",
            body: .json("NewWebhook"),
            isIdempotent: true,
            hasSecrets: true,
            answers: [Answer(201, "WebhookWithSecret")],
            problems: [.tooManyWebhooks]
        ) { try await $0.makeWebhook() },
        Route(
            .get,
            "/v1/webhooks/{id}",
            .action(.manageWebhooks),
            "A webhook.",
            answers: [Answer(200, "Webhook")]
        ) { call in
            let id = try call.id(of: Webhook.self)
            let webhook = try await call.read { try await $0.webhooks.find(id, locked: false) }
            guard let webhook else { throw Problem(.notFound) }
            return .json(webhook.json)
        },
        Route(
            .patch,
            "/v1/webhooks/{id}",
            .action(.manageWebhooks),
            "Changes a webhook: what is not in the content stays as it is.",
            body: .json("WebhookChange", types: ["application/merge-patch+json", "application/json"]),
            answers: [Answer(200, "Webhook")]
        ) { try await $0.changeWebhook() },
        Route(
            .delete,
            "/v1/webhooks/{id}",
            .action(.manageWebhooks),
            "Removes a webhook, and what is on its way to it.",
            answers: [Answer(204)]
        ) { call in
            let id = try call.id(of: Webhook.self)
            try await call.services.webhooks.remove(id, by: try call.principal(), at: call.now)
            return .empty
        },
        Route(
            .post,
            "/v1/webhooks/{id}/secret",
            .action(.manageWebhooks),
            "Gives a webhook a new secret, which is in this answer only. For a day messages are signed with the old one, too.",
            hasSecrets: true,
            answers: [Answer(200, "WebhookWithSecret")]
        ) { call in
            let id = try call.id(of: Webhook.self)
            return .json(
                try await call.services.webhooks.rotate(id, by: try call.principal(), at: call.now).jsonWithSecret
            )
        },
        Route(
            .post,
            "/v1/webhooks/{id}/test",
            .action(.manageWebhooks),
            "Sends a message of type `webhook.test`, as any other is sent.",
            answers: [Answer(202, "WebhookDelivery")]
        ) { call in
            let id = try call.id(of: Webhook.self)
            let delivery = try await call.services.webhooks.test(id, by: try call.principal(), at: call.now)
            return .json(delivery.json, status: .accepted)
        },
    ]

    static let webhookDeliveries: [Route] = [
        Route(
            .get,
            "/v1/webhooks/{id}/deliveries",
            .action(.manageWebhooks),
            "What is on its way to a webhook, was delivered, or was given up (`dead`), newest first.",
            parameters: [
                .choice("status", DeliveryStatus.allCases.map(\.rawValue), "Only deliveries in this status.")
            ] + Parameter.paging,
            answers: [Answer(200, "WebhookDeliveryList")]
        ) { try await $0.listDeliveries() },
        Route(
            .get,
            "/v1/webhooks/{id}/deliveries/{delivery}",
            .action(.manageWebhooks),
            "A delivery.",
            answers: [Answer(200, "WebhookDelivery")]
        ) { call in
            let (id, delivery) = (try call.id(of: Webhook.self), try call.id("delivery", of: WebhookDelivery.self))
            let found = try await call.read { try await $0.webhooks.delivery(delivery, of: id) }
            guard let found else { throw Problem(.notFound) }
            return .json(found.json)
        },
        Route(
            .post,
            "/v1/webhooks/{id}/deliveries/{delivery}/replay",
            .action(.manageWebhooks),
            "Tries a delivery again from the beginning, whatever came of it. Its `webhook-id` stays the same.",
            answers: [Answer(202, "WebhookDelivery")],
            problems: [.conflict]
        ) { call in
            let (id, delivery) = (try call.id(of: Webhook.self), try call.id("delivery", of: WebhookDelivery.self))
            let again = try await call.services.webhooks.replay(
                delivery,
                of: id,
                by: try call.principal(),
                at: call.now
            )
            return .json(again.json, status: .accepted)
        },
        Route(
            .post,
            "/v1/webhooks/{id}/replay",
            .action(.manageWebhooks),
            "Tries everything again that was given up.",
            answers: [Answer(202, "WebhookReplay")]
        ) { call in
            let id = try call.id(of: Webhook.self)
            let count = try await call.services.webhooks.replayDead(of: id, by: try call.principal(), at: call.now)
            return .json(["replayed": JSON(count)], status: .accepted)
        },
    ]
}

extension Call {
    fileprivate func makeWebhook() async throws -> Response {
        let request = try WebhookRequest(try json(), isNew: true)
        let principal = try principal()
        return try await once(.created) { keep in
            try await services.webhooks.create(
                url: request.url ?? "",
                description: request.description ?? "",
                events: request.events ?? ["*"],
                isEnabled: request.isEnabled ?? true,
                by: principal,
                at: now
            ) { transaction, webhook in
                try await keep(transaction, webhook.jsonWithSecret)
            }
        }
    }

    fileprivate func changeWebhook() async throws -> Response {
        let request = try WebhookRequest(try json(), isNew: false)
        let changed = try await services.webhooks.change(
            try id(of: Webhook.self),
            by: try principal(),
            at: now
        ) { request.apply(to: &$0) }
        return .json(changed.json)
    }

    fileprivate func listDeliveries() async throws -> Response {
        let id = try id(of: Webhook.self)
        let status = try choice("status", DeliveryStatus.self)
        let (limit, cursor) = (try limit(), try cursor())
        let found = try await read { transaction in
            guard try await transaction.webhooks.find(id, locked: false) != nil else { throw Problem(.notFound) }
            return try await transaction.webhooks.deliveries(of: id, status: status, limit: limit, cursor: cursor)
        }
        let deliveries = try page(found)
        return .page(deliveries.items.map(\.json), next: deliveries.next)
    }
}
