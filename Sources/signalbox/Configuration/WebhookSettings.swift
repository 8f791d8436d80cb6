import Foundation
import Reactor
import Webhooks

/// Where webhooks may be sent, and how, as an operator sets it.
struct WebhookSettings: Sendable {
    /// Addresses and CIDR blocks.
    var networks: [String] = []
    /// "on" or "off".
    var plainHTTP = "off"
    /// The path of a PEM file; nil means the authorities of the system.
    var authorities: String?
    /// Seconds.
    var timeout = 15
    var inFlight = 64
    var inFlightEach = 4

    /// What a webhook's receiver may be.
    var policy: ReceiverPolicy {
        var policy = ReceiverPolicy()
        policy.networks = networks.compactMap { AddressRange($0) }
        policy.allowsPlainHTTP = plainHTTP == "on"
        return policy
    }

    /// What is sent at once, and in which time.
    var limits: WebhookDeliverer.Limits {
        var limits = WebhookDeliverer.Limits()
        limits.timeout = .seconds(timeout)
        limits.inFlight = inFlight
        limits.inFlightPerWebhook = inFlightEach
        return limits
    }

    /// Checks that what is named is there.
    /// - Throws: ``Failure``.
    func verify() throws(Failure) {
        guard let authorities, !FileManager.default.isReadableFile(atPath: authorities) else { return }
        throw Failure(.configuration, "webhook_ca is \(authorities); there is no such file that may be read.")
    }
}
