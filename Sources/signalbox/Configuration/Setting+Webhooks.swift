/// Where webhooks may be sent, and how.
extension Setting {
    static let webhookNetworks = Setting(
        "webhook_networks",
        .addressRanges(\.webhooks.networks),
        "Networks that are not public and that webhooks may be sent to all the same."
    )
    static let webhookHTTP = Setting(
        "webhook_http",
        .choice(\.webhooks.plainHTTP, ["on", "off"]),
        "Whether webhooks may be sent without TLS, to http:// URLs."
    )
    static let webhookAuthorities = Setting(
        "webhook_ca",
        .optionalText(\.webhooks.authorities),
        "A PEM file with the authorities that webhooks' receivers may have certificates of, in the place of the system's."
    )
    static let webhookTimeout = Setting(
        "webhook_timeout",
        .duration(\.webhooks.timeout, 1...120),
        "How long the receiver of a webhook may take to answer."
    )
    static let webhooksInFlight = Setting(
        "max_webhooks_in_flight",
        .integer(\.webhooks.inFlight, 1...1000),
        "Messages to webhooks under way at once."
    )
    static let webhooksInFlightEach = Setting(
        "max_in_flight_per_webhook",
        .integer(\.webhooks.inFlightEach, 1...100),
        "Messages to one webhook under way at once, from all nodes together."
    )

    /// In the order in which they are shown.
    static let webhooks: [Setting] = [
        webhookNetworks, webhookHTTP, webhookAuthorities, webhookTimeout, webhooksInFlight, webhooksInFlightEach,
    ]
}
