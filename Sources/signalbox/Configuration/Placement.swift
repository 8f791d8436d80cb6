import Domain
import Foundation
import Persistence
import Postgres

/// The databases of an installation, and which tenant lives in which.
struct Placement: Sendable {
    struct Database: Sendable, Equatable {
        let name: String
        let configuration: PostgresConfiguration
    }

    /// The first is the one that `database_url` names.
    let databases: [Database]
    let places: TenantPlaces

    /// What the database of `database_url` is called.
    static let first = "default"
    private static let longestName = 32

    /// What the settings say.
    /// - Throws: ``Failure`` that names the file, the key and what is allowed. No address of a database is in it.
    init(
        _ settings: Settings,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) {
        let configuration: PostgresConfiguration
        do throws(PostgresError) {
            configuration = try PostgresConfiguration(settings.databaseURL ?? "")
        } catch {
            throw Failure(error)
        }
        let first = Database(name: Self.first, configuration: configuration)
        guard let path = settings.tenantDatabases else {
            databases = [first]
            places = .single
            return
        }
        let reading = Reading(path: path, environment: environment)
        guard let file = try YAMLFile.read(Setting.tenantDatabases.name, path, at: path) else {
            throw reading.refusal("is empty; it must have databases and tenants.")
        }
        databases = [first] + (try reading.databases(file, besides: first))
        places = try reading.places(file, names: databases.map(\.name))
    }

    /// The number of a database.
    /// - Throws: ``Failure`` that names those that there are.
    func index(of name: String, option: String) throws(Failure) -> Int {
        if let index = databases.firstIndex(where: { $0.name == name }) { return index }
        let known = databases.map(\.name).joined(separator: ", ")
        throw Failure(.configuration, "\(option) is \"\(name)\"; it must be one of: \(known).")
    }

    private struct Reading {
        let path: String
        let environment: [String: String]

        func refusal(_ sentence: String) -> Failure { Failure(.configuration, "\(path) \(sentence)") }

        /// The keys within one of the two mappings.
        private func keys(_ section: String, _ file: YAMLFile) throws(Failure) -> [String] {
            let strangers = file.keys.filter { !$0.hasPrefix("databases.") && !$0.hasPrefix("tenants.") }.sorted()
            for key in strangers where key != "databases" && key != "tenants" {
                throw refusal("has the key \(key); it may have databases and tenants only.")
            }
            let keys = file.keys.filter { $0.hasPrefix(section + ".") }.map { String($0.dropFirst(section.count + 1)) }
            guard !keys.isEmpty else { throw refusal("has no \(section); there must be at least one.") }
            return keys.sorted()
        }

        func databases(_ file: YAMLFile, besides first: Database) throws(Failure) -> [Database] {
            var databases: [Database] = []
            for name in try keys("databases", file) {
                guard Self.isName(name), name != first.name else {
                    throw refusal(
                        """
                        names the database "\(name)"; a name must be 1 to \(Placement.longestName) of a-z, 0-9, _ and -, and \
                        "\(first.name)" is the database of database_url.
                        """
                    )
                }
                let configuration = try configuration(of: name, file)
                if let same = ([first] + databases).first(where: { $0.configuration == configuration }) {
                    throw refusal("has databases.\(name), which is the same database as \(same.name).")
                }
                databases.append(Database(name: name, configuration: configuration))
            }
            return databases
        }

        private func configuration(of name: String, _ file: YAMLFile) throws(Failure) -> PostgresConfiguration {
            let allowed =
                "it must be postgresql://user:password@host/name, or ${NAME} for an environment variable with that"
            guard var text = file.text(["databases", name]), !text.isEmpty else {
                throw refusal("has databases.\(name) without an address; \(allowed).")
            }
            if text.hasPrefix("${"), text.hasSuffix("}") {
                let variable = String(text.dropFirst(2).dropLast())
                guard let value = environment[variable], !value.isEmpty else {
                    throw refusal("has databases.\(name), whose environment variable \(variable) is not set.")
                }
                text = value
            }
            do throws(PostgresError) {
                return try PostgresConfiguration(text)
            } catch {
                throw refusal("has databases.\(name), which cannot be used: \(error.description); \(allowed).")
            }
        }

        func places(_ file: YAMLFile, names: [String]) throws(Failure) -> TenantPlaces {
            var (byName, byID): ([String: Int], [TenantID: Int]) = ([:], [:])
            for tenant in try keys("tenants", file) {
                let name = file.text(["tenants", tenant]) ?? ""
                guard let place = names.firstIndex(of: name) else {
                    let known = names.joined(separator: ", ")
                    throw refusal("puts tenants.\(tenant) into \"\(name)\"; it must be one of: \(known).")
                }
                guard let id = TenantID(tenant) else {
                    byName[tenant] = place
                    continue
                }
                guard byID.updateValue(place, forKey: id) == nil else {
                    throw refusal("lists the tenant \(id) twice; it must be there once.")
                }
            }
            return TenantPlaces(byName: byName, byID: byID)
        }

        private static func isName(_ text: String) -> Bool {
            (1...Placement.longestName).contains(text.utf8.count)
                && text.utf8.allSatisfy {
                    switch $0 {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "_"),
                        UInt8(ascii: "-"):
                        true
                    default: false
                    }
                }
        }
    }
}
