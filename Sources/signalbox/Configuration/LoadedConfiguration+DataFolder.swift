extension LoadedConfiguration {
    /// Further environment variables of the commands that know a data folder.
    static let dataFolderAliases = [(variable: "DATA_DIR", setting: Setting.dataDirectory)]

    /// Where nothing is set, takes database and signing secret of the `signalbox dev` of the data folder, so that
    /// `signalbox token` and `signalbox migrate` work beside it.
    mutating func fillFromDataFolder() {
        if settings.databaseURL == nil { settings.databaseURL = kept(in: DevFile.databaseURLFile) }
        if settings.jwtSecret == nil { settings.jwtSecret = kept(in: DevFile.jwtSecretFile) }
    }

    /// - Throws: ``Failure`` that says how to give a setting that is missing.
    func require(_ needed: [Setting]) throws(Failure) {
        for setting in needed where setting.text(in: settings) == nil {
            throw Failure(
                .configuration,
                "\(setting.name) is not set; give it as \(setting.variable), in the file, or as --\(setting.flag)."
            )
        }
    }

    private func kept(in file: String) -> String? { TextFile.lines("\(settings.dataDirectory)/\(file)").first }
}
