// signalbox: the executable.
//
// What it is for: commands, configuration, and the wiring of everything below; `Application.swift` is the whole product
// on one screen. It must never hold a rule of the product: what is decided here is only who is connected to whom, and
// with which limits.

import ArgumentParser

/// The command line.
@main
struct Signalbox: ParsableCommand {
    /// The version that `--version` prints and `/healthz` reports.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "signalbox",
        abstract: "Live state and human approvals for agent flows.",
        discussion: """
            Start with `signalbox dev`: a private database, two demo tenants and the page, with nothing to set up.

            Every setting can be given as a flag, as an environment variable SIGNALBOX_…, or in a YAML file (--config, or \
            signalbox.yaml in the current folder); flags win over the environment, the environment over the file. \
            `signalbox config` shows what is in force and where each value comes from.
            """,
        version: version,
        subcommands: [
            DevCommand.self, ServeCommand.self, MigrateCommand.self, TokenCommand.self, TenantCommand.self,
            ConfigCommand.self,
            SampleCommand.self,
        ]
    )
}
