import Domain
import Foundation
import JSON
import Persistence
import TestSupport

/// The plans of the statements that the store really runs, as the server writes them into its log (`auto_explain`).
///
/// Reading a table from end to end is made as expensive as can be: where it is still done, no index would do.
struct QueryPlans {
    private let database: TestDatabase
    private let log: String

    /// One access to a table within a plan.
    struct Access: CustomStringConvertible {
        let node: String
        let table: String
        let condition: String
        let statement: String

        var description: String { "\(node) on \(table) (\(condition)) in: \(statement)" }
    }

    /// What was done in one operation.
    struct Plans {
        var accesses: [Access] = []
        var sorts: [String] = []
    }

    /// Has the server explain what is run on this database, on connections that begin from now on.
    init(_ database: TestDatabase) throws {
        let cluster = try PostgresCluster.shared()
        self.database = database
        log = cluster.log
        for setting in [
            "session_preload_libraries = auto_explain", "auto_explain.log_min_duration = 0",
            "auto_explain.log_format = json", "auto_explain.log_nested_statements = on", "log_min_messages = log",
            "enable_seqscan = off",
        ] {
            try cluster.run(sql: "ALTER DATABASE \(database.name) SET \(setting)")
        }
    }

    /// The plans of what `body` runs.
    func explain(_ body: () async throws -> Void) async throws -> Plans {
        let start = try text().count
        try await body()
        return try Self.plans(in: String(decoding: text()[start...], as: UTF8.self))
    }

    private func text() throws -> Data { try Data(contentsOf: URL(filePath: log)) }

    private static func plans(in text: String) throws -> Plans {
        var plans = Plans()
        for part in text.components(separatedBy: "plan:\n").dropFirst() {
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("\t") }
            let document = try JSON.parse(Array(lines.joined(separator: "\n").utf8))
            let statement = document["Query Text"]?.string ?? ""
            guard statement.contains("signalbox."), let plan = document["Plan"] else { continue }
            collect(plan, statement, "", &plans)
        }
        return plans
    }

    /// - Parameter table: of the node above, which a bitmap index scan does not name.
    private static func collect(_ node: JSON, _ statement: String, _ table: String, _ plans: inout Plans) {
        let type = node["Node Type"]?.string ?? ""
        let table = node["Relation Name"]?.string ?? table
        if type.hasSuffix("Scan"), !table.isEmpty, type != "Bitmap Heap Scan" {
            let condition = node["Index Cond"]?.string ?? ""
            plans.accesses.append(Access(node: type, table: table, condition: condition, statement: statement))
        }
        if type.hasSuffix("Sort") { plans.sorts.append(statement) }
        for child in node["Plans"]?.array ?? [] {
            let isOfBitmap = type.hasPrefix("Bitmap")
            collect(child, statement, isOfBitmap ? table : "", &plans)
        }
    }
}
