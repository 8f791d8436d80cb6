extension JSONNumber {
    /// The largest number of significant digits a divisor of ``isMultiple(of:)`` may have.
    public static let maxDivisorDigits = 18

    /// Whether the number divided by `divisor` is a whole number, in exact decimal arithmetic: 0.07 is a multiple
    /// of 0.01, which doubles deny.
    ///
    /// - Returns: `nil` when the divisor is not above zero or has more than ``maxDivisorDigits`` significant digits.
    /// - Complexity: O(digits + log(exponent)).
    public func isMultiple(of divisor: JSONNumber) -> Bool? {
        let (dividend, divisor) = (decimal, divisor.decimal)
        guard !divisor.isZero, !divisor.isNegative, divisor.digits.count <= Self.maxDivisorDigits else { return nil }
        // value = a·10^p and divisor = b·10^q, neither a nor b ending in zero.
        let shift = (dividend.point - dividend.digits.count) - (divisor.point - divisor.digits.count)
        if dividend.isZero { return true }
        // With p < q the dividend would have to end in a zero digit to be divisible.
        guard shift >= 0 else { return false }
        let modulus = divisor.digits.reduce(0 as UInt64) { $0 * 10 + UInt64($1) }
        var remainder: UInt64 = 0
        for digit in dividend.digits {
            remainder = addingModulo(multiplyingModulo(remainder, 10, modulus), UInt64(digit), modulus)
        }
        return multiplyingModulo(remainder, powerOfTenModulo(shift, modulus), modulus) == 0
    }
}

private func multiplyingModulo(_ left: UInt64, _ right: UInt64, _ modulus: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right % modulus)
    return modulus.dividingFullWidth((product.high % modulus, product.low)).remainder
}

private func addingModulo(_ left: UInt64, _ right: UInt64, _ modulus: UInt64) -> UInt64 {
    // The modulus has at most 18 digits, so that the sum cannot overflow.
    (left + right) % modulus
}

private func powerOfTenModulo(_ exponent: Int, _ modulus: UInt64) -> UInt64 {
    var result = 1 % modulus
    var base = 10 % modulus
    var rest = exponent
    while rest > 0 {
        if rest & 1 == 1 { result = multiplyingModulo(result, base, modulus) }
        base = multiplyingModulo(base, base, modulus)
        rest >>= 1
    }
    return result
}
