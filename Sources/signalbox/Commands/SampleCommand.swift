import ArgumentParser
import Discovery

/// `signalbox sample`: a messy CMDB export to try things with.
struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Write a messy CMDB export to standard output.",
        discussion: "The same options give the same bytes: signalbox sample --rows 5000 --seed 7 > export.csv"
    )

    @Option(help: "Data rows.") var rows = 5000
    @Option(help: "Decides every value.") var seed: UInt64 = 1
    @Option(help: ArgumentHelp("One of \(Self.encodings)."), transform: Self.encoding(named:))
    var encoding = DemoExport.Encoding.windows1252

    private static let encodings = DemoExport.Encoding.allCases.map(\.rawValue).joined(separator: ", ")
    /// 100 million rows are some 20 GB.
    private static let mostRows = 100_000_000

    func validate() throws {
        guard (0...Self.mostRows).contains(rows) else {
            throw ValidationError("--rows is \(rows); it must be 0 to \(Self.mostRows).")
        }
    }

    func run() throws {
        try Console.reportingFailure {
            try DemoExport(rows: rows, seed: seed, encoding: encoding).write { bytes in
                guard Console.write(bytes) else { throw Failure(.cannotWrite, "standard output cannot be written.") }
            }
        }
    }

    private static func encoding(named name: String) throws -> DemoExport.Encoding {
        guard let encoding = DemoExport.Encoding(rawValue: name) else {
            throw ValidationError("It must be one of \(encodings).")
        }
        return encoding
    }
}
