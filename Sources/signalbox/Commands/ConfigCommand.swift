import ArgumentParser

/// `signalbox config`: what is in force.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show every setting with its value and where it comes from; secrets are masked."
    )

    @Flag(help: "Print the reference of all settings in Markdown instead.") var reference = false
    @OptionGroup(title: "Settings") var options: SettingOptions

    func run() throws {
        try Console.reportingFailure {
            Console.print(reference ? ConfigurationReport.reference() : ConfigurationReport.inForce(try options.load()))
        }
    }
}
