import ArgumentParser
import Foundation
import Testing

@testable import signalbox

struct SettingTests {
    @Test func everySettingIsAFlag() throws {
        for setting in Setting.all {
            let options = try SettingOptions.parse(["--\(setting.flag)", "x"])
            #expect(options.given.map(\.setting.name) == [setting.name])
        }
    }

    @Test func namesAreUnique() { #expect(Set(Setting.all.map(\.name)).count == Setting.all.count) }

    /// The defaults obey the rules they are the defaults of.
    @Test func defaultsAreAllowed() throws {
        var configuration = Settings()
        for setting in Setting.all {
            guard let text = setting.text(in: configuration) else { continue }
            let texts = setting.isList ? text.split(separator: ",").map(String.init) : [text]
            try setting.apply(texts, from: .standard, to: &configuration)
            #expect(setting.text(in: configuration) == text)
        }
    }

    @Test func secretsAreNeverShown() {
        var loaded = LoadedConfiguration()
        loaded.settings.jwtSecret = "a-secret-that-is-long-enough-for-it"
        loaded.settings.databaseURL = "postgresql://me:hush@db/signalbox"
        loaded.settings.redisURL = "redis://me:hush@cache"
        let report = ConfigurationReport.inForce(loaded)
        #expect(!report.contains("a-secret"))
        #expect(!report.contains("hush"))
        #expect(report.contains("********"))
    }

    @Test func theReferenceIsUpToDate() throws {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        while !FileManager.default.fileExists(atPath: root.appending(path: "Makefile").path), root.path != "/" {
            root.deleteLastPathComponent()
        }
        let kept = try String(contentsOf: root.appending(path: "docs/CONFIGURATION.md"), encoding: .utf8)
        #expect(kept == ConfigurationReport.reference() + "\n", "run: make docs")
    }
}
