import ArgumentParser

/// The flags of ``Setting/limits``.
struct LimitOptions: ParsableArguments {
    @Option(name: Setting.connectionsPerAddress.option, help: Setting.connectionsPerAddress.help)
    var connectionsPerAddress: String?
    @Option(name: Setting.unlimitedAddresses.option, help: Setting.unlimitedAddresses.help)
    var unlimitedAddresses: String?
    @Option(name: Setting.maximumRequestLine.option, help: Setting.maximumRequestLine.help)
    var maximumRequestLine: String?
    @Option(name: Setting.maximumHeaders.option, help: Setting.maximumHeaders.help) var maximumHeaders: String?
    @Option(name: Setting.maximumHeaderCount.option, help: Setting.maximumHeaderCount.help)
    var maximumHeaderCount: String?
    @Option(name: Setting.bodyTimeout.option, help: Setting.bodyTimeout.help) var bodyTimeout: String?
    @Option(name: Setting.minimumBodyRate.option, help: Setting.minimumBodyRate.help) var minimumBodyRate: String?
    @Option(name: Setting.stallTimeout.option, help: Setting.stallTimeout.help) var stallTimeout: String?
    @Option(name: Setting.writeBudget.option, help: Setting.writeBudget.help) var writeBudget: String?
    @Option(name: Setting.pingInterval.option, help: Setting.pingInterval.help) var pingInterval: String?
    @Option(name: Setting.pongTimeout.option, help: Setting.pongTimeout.help) var pongTimeout: String?
    @Option(name: Setting.closeTimeout.option, help: Setting.closeTimeout.help) var closeTimeout: String?
    @Option(name: Setting.helloTimeout.option, help: Setting.helloTimeout.help) var helloTimeout: String?
    @Option(name: Setting.maximumFrame.option, help: Setting.maximumFrame.help) var maximumFrame: String?
    @Option(name: Setting.maximumMessage.option, help: Setting.maximumMessage.help) var maximumMessage: String?
    @Option(name: Setting.maximumFragments.option, help: Setting.maximumFragments.help) var maximumFragments: String?
    @Option(name: Setting.maximumFramesPerSecond.option, help: Setting.maximumFramesPerSecond.help)
    var maximumFramesPerSecond: String?
    @Option(name: Setting.messagesPerSecond.option, help: Setting.messagesPerSecond.help) var messagesPerSecond: String?
    @Option(name: Setting.messageBurst.option, help: Setting.messageBurst.help) var messageBurst: String?
    @Option(name: Setting.maximumCommands.option, help: Setting.maximumCommands.help) var maximumCommands: String?
    @Option(name: Setting.maximumSubscriptions.option, help: Setting.maximumSubscriptions.help)
    var maximumSubscriptions: String?
    @Option(name: Setting.drainTimeout.option, help: Setting.drainTimeout.help) var drainTimeout: String?
    @Option(name: Setting.minimumCompressed.option, help: Setting.minimumCompressed.help) var minimumCompressed: String?
    @Option(name: Setting.maximumInflating.option, help: Setting.maximumInflating.help) var maximumInflating: String?
    @Option(name: Setting.maximumCompressionContexts.option, help: Setting.maximumCompressionContexts.help)
    var maximumCompressionContexts: String?

    /// The flags that were given.
    var given: [(setting: Setting, value: String)] {
        let flags: [(Setting, String?)] = [
            (.connectionsPerAddress, connectionsPerAddress), (.unlimitedAddresses, unlimitedAddresses),
            (.maximumRequestLine, maximumRequestLine), (.maximumHeaders, maximumHeaders),
            (.maximumHeaderCount, maximumHeaderCount), (.bodyTimeout, bodyTimeout),
            (.minimumBodyRate, minimumBodyRate), (.stallTimeout, stallTimeout), (.writeBudget, writeBudget),
            (.pingInterval, pingInterval), (.pongTimeout, pongTimeout), (.closeTimeout, closeTimeout),
            (.helloTimeout, helloTimeout), (.maximumFrame, maximumFrame), (.maximumMessage, maximumMessage),
            (.maximumFragments, maximumFragments), (.maximumFramesPerSecond, maximumFramesPerSecond),
            (.messagesPerSecond, messagesPerSecond), (.messageBurst, messageBurst),
            (.maximumCommands, maximumCommands), (.maximumSubscriptions, maximumSubscriptions),
            (.drainTimeout, drainTimeout), (.minimumCompressed, minimumCompressed),
            (.maximumInflating, maximumInflating), (.maximumCompressionContexts, maximumCompressionContexts),
        ]
        return flags.compactMap { setting, value in value.map { (setting, $0) } }
    }
}
