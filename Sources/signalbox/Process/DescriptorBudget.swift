import Logging
import Reactor

/// How the process's descriptors are divided up.
enum DescriptorBudget {
    /// For logs, uploads on their way, the blocking pool and what libraries open.
    private static let common = 64
    /// For one loop's own: epoll, wake-up, listening sockets, reserve, cancel requests.
    private static let perWorker = 8

    /// Raises the process's limit as far as it goes, and lowers `max_connections` to what that leaves, with a warning.
    /// Connections up to the very limit would leave none for the database, and nothing could be served.
    static func apply(to settings: inout Settings, databases: Int) {
        let limit = DescriptorLimit.raise()
        let connections = connections(
            limit: limit,
            workers: Application.workerCount(settings),
            databaseConnections: settings.databaseConnections * databases
        )
        guard settings.maximumConnections > connections else { return }
        Logger(label: "signalbox").warning(
            """
            max_connections is \(connections) instead of \(settings.maximumConnections): the process may have \
            \(limit) open files (ulimit -n, LimitNOFILE=), and needs the rest itself.
            """
        )
        settings.maximumConnections = connections
    }

    /// How many connections a limit leaves room for; at least one.
    static func connections(limit: Int, workers: Int, databaseConnections: Int) -> Int {
        max(1, limit - common - workers * (databaseConnections + perWorker))
    }
}
