/// A value that must not reach a log: whatever prints it prints `<redacted>`.
///
/// Reading it takes the visible word ``reveal()``, so that a reviewer finds every place where a secret comes out.
public struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Value

    /// Wraps a value.
    public init(_ value: Value) { self.value = value }

    /// The value itself.
    public func reveal() -> Value { value }

    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { description }
    /// Has no children, so that `dump` and string interpolation of an enclosing value show nothing either.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
