/// A value that is only looked at where it lies.
///
/// Reading a copyable value through a pointer retains what it refers to, since nothing tells the compiler that the memory
/// stays as it is; walking a document so spends a third of its time on counts that go up and down again. What cannot be
/// copied must be borrowed, and neither counts nor follows anything.
struct InPlace<Value>: ~Copyable {
    let value: Value
}

extension UnsafePointer {
    /// The value to look at. Whoever holds the pointer must neither change nor free it meanwhile.
    @inline(__always)
    var inPlace: UnsafePointer<InPlace<Pointee>> {
        // A structure of one stored property is laid out like the property, and is of the same type in memory.
        UnsafeRawPointer(self).assumingMemoryBound(to: InPlace<Pointee>.self)
    }
}

extension UnsafeBufferPointer {
    /// The elements to look at. Whoever holds the buffer must neither change nor free it meanwhile.
    @inline(__always)
    var inPlace: UnsafeBufferPointer<InPlace<Element>> {
        UnsafeBufferPointer<InPlace<Element>>(start: baseAddress?.inPlace, count: count)
    }
}

extension InPlace<JSON> {
    /// Whether it is an array or an object.
    var isContainer: Bool { value.isContainer }
}
