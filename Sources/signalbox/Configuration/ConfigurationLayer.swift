import Configuration

/// One place that values come from.
struct ConfigurationLayer {
    let snapshot: any ConfigSnapshot
    /// What precedes a setting's name in this place.
    var prefix: [String] = []
    let source: (Setting) -> SettingSource

    /// The texts given for a setting, nil when there are none.
    ///
    /// Everything is read as text, so that a wrong value gets the same sentence wherever it stands.
    func value(of setting: Setting) throws(Failure) -> [String]? {
        let key = AbsoluteConfigKey(prefix + [setting.name])
        if setting.isList, let list = try? snapshot.value(forKey: key, type: .stringArray).value,
            case .stringArray(let texts) = list.content
        {
            return texts
        }
        let found: ConfigValue?
        do {
            found = try snapshot.value(forKey: key, type: .string).value
        } catch {
            throw Failure(.configuration, "\(setting.name) (from \(source(setting))) must be one value, not a list.")
        }
        guard let found, case .string(let text) = found.content, !text.isEmpty else { return nil }
        return setting.isList ? text.split(separator: ",").map(String.init) : [text]
    }
}
