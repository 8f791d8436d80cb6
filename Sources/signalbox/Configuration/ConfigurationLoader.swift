import Configuration
import Foundation

/// The configuration in force, and where each value came from.
struct LoadedConfiguration: Sendable {
    var settings = Settings()
    /// By the setting's name; what is missing is the default.
    var sources: [String: SettingSource] = [:]
    /// A sentence for each key that nobody knows.
    var warnings: [String] = []

    /// Where the value of a setting came from.
    func source(of setting: Setting) -> SettingSource { sources[setting.name] ?? .standard }
}

/// Reads the settings: flags over environment over file over defaults.
struct ConfigurationLoader {
    /// The file that is read when it is there and none is named.
    static let standardFile = "signalbox.yaml"
    /// Names the file, like `--config`.
    static let fileVariable = "SIGNALBOX_CONFIG"

    /// Values of flags, with the settings they belong to.
    var flags: [(setting: Setting, value: String)] = []
    /// The process's environment.
    var environment: [String: String]
    /// The file named by `--config`.
    var file: String?
    /// Further environment variables, weaker than `SIGNALBOX_…`: `PORT` for `signalbox dev`.
    var aliases: [(variable: String, setting: Setting)] = []
    /// Where ``standardFile`` is looked for.
    var workingDirectory = FileManager.default.currentDirectoryPath

    /// - Throws: ``Failure`` for a value that is not allowed or a file that cannot be read.
    func load() throws(Failure) -> LoadedConfiguration {
        var loaded = LoadedConfiguration()
        loaded.warnings = unknownVariables().map { "the environment variable \($0) is not a setting; ignored." }
        let file = try readFile(warnings: &loaded.warnings)
        let layers = [flagLayer(), environmentLayer(), aliasLayer()] + (file.map { [$0] } ?? [])
        for setting in Setting.all {
            for layer in layers {
                guard let texts = try layer.value(of: setting) else { continue }
                let source = layer.source(setting)
                try setting.apply(texts, from: source, to: &loaded.settings)
                loaded.sources[setting.name] = source
                break
            }
        }
        return loaded
    }

    private func unknownVariables() -> [String] {
        let known = Set(Setting.all.map(\.variable) + [Self.fileVariable])
        return environment.keys.filter { $0.hasPrefix("SIGNALBOX_") && !known.contains($0) }.sorted()
    }

    private func flagLayer() -> ConfigurationLayer {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (setting, value) in flags {
            let content: ConfigContent =
                setting.isList
                ? .stringArray(value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
                : .string(value)
            values[AbsoluteConfigKey([setting.name])] = ConfigValue(content, isSecret: setting.isSecret)
        }
        let snapshot = InMemoryProvider(name: "flags", values: values).snapshot()
        return ConfigurationLayer(snapshot: snapshot, source: { .flag($0.flag) })
    }

    /// An empty variable counts as one that is not there, as in most tools that pass environments on.
    private func environmentLayer() -> ConfigurationLayer {
        let provider = EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
        return ConfigurationLayer(
            snapshot: provider.snapshot(),
            prefix: ["signalbox"],
            source: { .environment($0.variable) }
        )
    }

    private func aliasLayer() -> ConfigurationLayer {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (variable, setting) in aliases {
            guard let value = environment[variable], !value.isEmpty else { continue }
            values[AbsoluteConfigKey([setting.name])] = ConfigValue(.string(value), isSecret: setting.isSecret)
        }
        let variables = Dictionary(
            aliases.map { ($0.setting.name, $0.variable) },
            uniquingKeysWith: { first, _ in first }
        )
        let snapshot = InMemoryProvider(name: "aliases", values: values).snapshot()
        return ConfigurationLayer(snapshot: snapshot, source: { .environment(variables[$0.name] ?? $0.variable) })
    }

    private func readFile(warnings: inout [String]) throws(Failure) -> ConfigurationLayer? {
        let named = file ?? environment[Self.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
        let path = named ?? Self.standardFile
        let location = path.hasPrefix("/") ? path : workingDirectory + "/" + path
        guard named != nil || FileManager.default.fileExists(atPath: location) else { return nil }
        guard let content = try YAMLFile.read("configuration", path, at: location) else { return nil }
        let unknown = content.keys.subtracting(Setting.all.map(\.name)).sorted()
        warnings += unknown.map { "the key \($0) in \(path) is not a setting; ignored." }
        return ConfigurationLayer(snapshot: content.snapshot, source: { _ in .file(path) })
    }
}
