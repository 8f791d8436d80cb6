import JSONSupport
import Testing

/// A few cases of each property; `make soak` runs a hundred thousand.
struct PropertyTests {
    @Test(arguments: JSONProperty.allCases)
    func holds(property: JSONProperty) throws {
        for seed in 1...300 as ClosedRange<UInt64> { try property.check(seed: seed) }
    }
}
