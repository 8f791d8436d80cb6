/// What a step listens to, as an attribute writes it: a step or a label by its name alone, or several of them.
///
/// Steps and labels are separate namespaces. A name that is in both has to say which it is, by ``step(_:)`` or ``label(_:)``.
/// The macro reads how it is written, so that it consists of literals; the ``FlowCondition`` that it stands for is made of
/// that, and the value holds nothing.
public struct Trigger: Sendable, ExpressibleByStringLiteral {
    private init() {}

    /// A step, or a label, whichever there is.
    public init(stringLiteral name: String) {}

    /// A step is done.
    public static func step(_ name: String) -> Trigger { Trigger() }

    /// A router has returned a label.
    public static func label(_ text: String) -> Trigger { Trigger() }

    /// All of it has happened, in any order.
    public static func all(_ parts: Trigger...) -> Trigger { Trigger() }

    /// The first of it has happened.
    public static func any(_ parts: Trigger...) -> Trigger { Trigger() }
}
