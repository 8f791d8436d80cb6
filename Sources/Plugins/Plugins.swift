// Plugins: what a program is made of, found without a list.
//
// What it is for: types that say where they are defined that they belong to the program, and those that ask for all of
// them. It must never know what a plugin does.

internal import CPlugins

/// A type that the program finds by itself: it declares itself where it is defined, and nothing else has to name it.
///
/// A declaration is a record in the ELF section `signalbox_plugins`, which `@Flow` and `@Agent` write. The linker puts the
/// records of all object files next to each other and keeps them although nothing refers to them (`@used` sets
/// `SHF_GNU_RETAIN`), so that looking them up needs neither code that runs before `main` nor a walk through all types.
/// Written by hand it is
///
/// ```swift
/// @section("signalbox_plugins") @used
/// private static let record: Plugins.Record = { Plugins.declare(Greeter.self, at: $0) }
/// ```
public protocol Plugin: Sendable {
    /// What it is known by.
    static var name: String { get }
}

/// The plugins of this program.
public enum Plugins {
    /// Writes the metatype of a plugin, by ``declare(_:at:)``.
    public typealias Record = @convention(c) (UnsafeMutableRawPointer) -> Void

    /// All plugins that this program is linked with, by name; those of one name by the names of their types. The order in
    /// which they were linked does not show.
    public static func linked() -> [any Plugin.Type] {
        UnsafeBufferPointer(start: cplugins_records(), count: cplugins_count())
            .map { record in
                let place = UnsafeMutablePointer<any Plugin.Type>.allocate(capacity: 1)
                defer { place.deallocate() }
                record(place)
                return place.move()
            }
            .map { (key: ($0.name, String(describing: $0), String(reflecting: $0)), type: $0) }
            .sorted { $0.key < $1.key }
            .map(\.type)
    }

    /// Writes what a record stands for.
    /// - Parameter place: as a ``Record`` gets it.
    public static func declare(_ type: any Plugin.Type, at place: UnsafeMutableRawPointer) {
        place.initializeMemory(as: (any Plugin.Type).self, to: type)
    }
}
