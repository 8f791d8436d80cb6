import ArgumentParser
import Foundation

/// The settings as flags. No flag has a default here: what is not given is left to the environment and the file.
struct SettingOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "A YAML file with settings (env: SIGNALBOX_CONFIG).")
    var file: String?

    @Option(name: Setting.host.option, help: Setting.host.help) var host: String?
    @Option(name: Setting.port.option, help: Setting.port.help) var port: String?
    @Option(name: Setting.dataDirectory.option, help: Setting.dataDirectory.help) var dataDirectory: String?
    @Option(name: Setting.databaseURL.option, help: Setting.databaseURL.help) var databaseURL: String?
    @Option(name: Setting.redisURL.option, help: Setting.redisURL.help) var redisURL: String?
    @Option(name: Setting.tenantDatabases.option, help: Setting.tenantDatabases.help) var tenantDatabases: String?
    @Option(name: Setting.jwtSecret.option, help: Setting.jwtSecret.help) var jwtSecret: String?
    @Option(name: Setting.workers.option, help: Setting.workers.help) var workers: String?
    @Option(name: Setting.databaseConnections.option, help: Setting.databaseConnections.help)
    var databaseConnections: String?
    @Option(name: Setting.historyDays.option, help: Setting.historyDays.help) var historyDays: String?
    @Option(name: Setting.accessTokenLifetime.option, help: Setting.accessTokenLifetime.help)
    var accessTokenLifetime: String?
    @Option(name: Setting.sessionLifetime.option, help: Setting.sessionLifetime.help) var sessionLifetime: String?
    @Option(name: Setting.allowedOrigins.option, help: Setting.allowedOrigins.help) var allowedOrigins: String?
    @Option(name: Setting.maximumBodySize.option, help: Setting.maximumBodySize.help) var maximumBodySize: String?
    @Option(name: Setting.maximumUploadSize.option, help: Setting.maximumUploadSize.help)
    var maximumUploadSize: String?
    @Option(name: Setting.maximumConnections.option, help: Setting.maximumConnections.help)
    var maximumConnections: String?
    @Option(name: Setting.idleTimeout.option, help: Setting.idleTimeout.help) var idleTimeout: String?
    @Option(name: Setting.headerTimeout.option, help: Setting.headerTimeout.help) var headerTimeout: String?
    @Option(name: Setting.logLevel.option, help: Setting.logLevel.help) var logLevel: String?
    @Option(name: Setting.webRoot.option, help: Setting.webRoot.help) var webRoot: String?

    @Option(name: Setting.tcp.option, help: Setting.tcp.help) var tcp: String?
    @Option(name: Setting.unixSocket.option, help: Setting.unixSocket.help) var unixSocket: String?
    @Option(name: Setting.unixSocketMode.option, help: Setting.unixSocketMode.help) var unixSocketMode: String?

    @OptionGroup(title: "Transport") var transport: TransportOptions
    @OptionGroup(title: "Flows") var engine: EngineOptions
    @OptionGroup(title: "Webhooks") var webhooks: WebhookOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions

    /// The flags that were given.
    var given: [(setting: Setting, value: String)] {
        let flags: [(Setting, String?)] = [
            (.host, host), (.port, port), (.dataDirectory, dataDirectory), (.databaseURL, databaseURL),
            (.tenantDatabases, tenantDatabases), (.redisURL, redisURL), (.jwtSecret, jwtSecret), (.workers, workers),
            (.databaseConnections, databaseConnections), (.historyDays, historyDays),
            (.accessTokenLifetime, accessTokenLifetime), (.sessionLifetime, sessionLifetime),
            (.allowedOrigins, allowedOrigins), (.maximumBodySize, maximumBodySize),
            (.maximumUploadSize, maximumUploadSize), (.maximumConnections, maximumConnections),
            (.idleTimeout, idleTimeout), (.headerTimeout, headerTimeout), (.logLevel, logLevel), (.webRoot, webRoot),
            (.tcp, tcp), (.unixSocket, unixSocket), (.unixSocketMode, unixSocketMode),
        ]
        return flags.compactMap { setting, value in value.map { (setting, $0) } } + transport.given + engine.given
            + webhooks.given + limits.given
    }

    /// Reads flags, environment and file, and says on standard error which keys nobody knows.
    func load(aliases: [(variable: String, setting: Setting)] = []) throws(Failure) -> LoadedConfiguration {
        let loaded = try ConfigurationLoader(
            flags: given,
            environment: ProcessInfo.processInfo.environment,
            file: file,
            aliases: aliases
        ).load()
        for warning in loaded.warnings { Console.warn("warning: \(warning)") }
        return loaded
    }
}

extension Setting {
    var option: NameSpecification { .customLong(flag) }

    var help: ArgumentHelp {
        var notes = ["env: \(variable)"]
        if let allowed { notes.append(allowed) }
        if let standard = text(in: Settings()) { notes.append("default: \(standard)") }
        return ArgumentHelp("\(summary) (\(notes.joined(separator: "; ")))", valueName: "value")
    }
}
