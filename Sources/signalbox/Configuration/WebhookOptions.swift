import ArgumentParser

/// The flags of ``Setting/webhooks``.
struct WebhookOptions: ParsableArguments {
    @Option(name: Setting.webhookNetworks.option, help: Setting.webhookNetworks.help) var networks: String?
    @Option(name: Setting.webhookHTTP.option, help: Setting.webhookHTTP.help) var plainHTTP: String?
    @Option(name: Setting.webhookAuthorities.option, help: Setting.webhookAuthorities.help) var authorities: String?
    @Option(name: Setting.webhookTimeout.option, help: Setting.webhookTimeout.help) var timeout: String?
    @Option(name: Setting.webhooksInFlight.option, help: Setting.webhooksInFlight.help) var inFlight: String?
    @Option(name: Setting.webhooksInFlightEach.option, help: Setting.webhooksInFlightEach.help)
    var inFlightEach: String?

    /// The flags that were given.
    var given: [(setting: Setting, value: String)] {
        let flags: [(Setting, String?)] = [
            (.webhookNetworks, networks), (.webhookHTTP, plainHTTP), (.webhookAuthorities, authorities),
            (.webhookTimeout, timeout), (.webhooksInFlight, inFlight), (.webhooksInFlightEach, inFlightEach),
        ]
        return flags.compactMap { setting, value in value.map { (setting, $0) } }
    }
}
