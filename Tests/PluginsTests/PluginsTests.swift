import Plugins
import Testing

@Suite struct PluginsTests {
    private var mine: [any Plugin.Type] { Plugins.linked().filter { $0 is any OfTheseTests.Type } }

    @Test func whatDeclaresItselfIsFoundByNameAndNotInTheOrderOfTheCode() {
        #expect(mine.map { $0.name } == ["alpha", "beta", "beta", "gamma"])
    }

    @Test func ofOneNameTheTypeDecides() {
        let types = mine.filter { $0.name == "beta" }.map { String(describing: $0) }
        #expect(types == ["Early", "Late"])
    }

    @Test func whatDoesNotDeclareItselfIsNotFound() {
        #expect(!Plugins.linked().contains { $0 == Undeclared.self })
    }
}

/// Tells those of this file from others that the tests are linked with.
private protocol OfTheseTests: Plugin {}

private enum Gamma: OfTheseTests {
    static let name = "gamma"

    @section("signalbox_plugins") @used
    private static let record: Plugins.Record = { Plugins.declare(Gamma.self, at: $0) }
}

private struct Late: OfTheseTests {
    static let name = "beta"
}

extension Late {
    @section("signalbox_plugins") @used
    private static let record: Plugins.Record = { Plugins.declare(Late.self, at: $0) }
}

private final class Alpha: OfTheseTests {
    static let name = "alpha"

    @section("signalbox_plugins") @used
    private static let record: Plugins.Record = { Plugins.declare(Alpha.self, at: $0) }
}

private struct Early: OfTheseTests {
    static let name = "beta"

    @section("signalbox_plugins") @used
    private static let record: Plugins.Record = { Plugins.declare(Early.self, at: $0) }
}

private struct Undeclared: OfTheseTests {
    static let name = "undeclared"
}
