import Logging

/// Where log lines go: to standard error, one line each.
enum LogOutput {
    /// Sets up logging for the process; to be called once.
    static func start(level name: String) {
        let level = Logger.Level(rawValue: name) ?? .info
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
