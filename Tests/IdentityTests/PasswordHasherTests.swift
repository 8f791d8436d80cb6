import Identity
import Reactor
import Testing

struct PasswordHasherTests {
    private static let pool = BlockingPool(threads: 2)
    private let cheap: PasswordHasher

    init() throws {
        cheap = try PasswordHasher(parameters: .init(memoryKiB: 64, iterations: 1), pool: Self.pool)
    }

    @Test func theEncodedFormNamesTheParameters() async throws {
        let standard = PasswordHasher(parameters: try .init(), pool: Self.pool)
        let encoded = try await standard.hash(Secret("correct horse"))
        #expect(encoded.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await standard.verify(Secret("correct horse"), against: encoded))
        #expect(try await !standard.verify(Secret("correct horsf"), against: encoded))
    }

    @Test func equalPasswordsHaveDifferentHashes() async throws {
        let first = try await cheap.hash(Secret("same"))
        let second = try await cheap.hash(Secret("same"))
        #expect(first != second)
        #expect(try await cheap.verify(Secret("same"), against: first))
        #expect(try await cheap.verify(Secret("same"), against: second))
    }

    @Test func aHashMadeWithOtherParametersStillVerifies() async throws {
        let other = try PasswordHasher(
            parameters: .init(memoryKiB: 128, iterations: 3, parallelism: 2),
            pool: Self.pool
        )
        let encoded = try await other.hash(Secret("pass"))
        #expect(try await cheap.verify(Secret("pass"), against: encoded))
    }

    /// RFC 9106 gives no encoded vectors; this one is from the test program of the reference implementation.
    @Test func theReferenceVectorVerifies() async throws {
        let encoded = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
        #expect(try await cheap.verify(Secret("password"), against: encoded))
        #expect(try await !cheap.verify(Secret("Password"), against: encoded))
    }

    @Test(arguments: [0, 1025, 100_000])
    func anUnusableLengthIsATypedError(length: Int) async throws {
        let password = Secret(String(repeating: "x", count: length))
        let expected = PasswordError.length(bytes: length, allowed: 1...1024)
        await #expect(throws: expected) { try await cheap.hash(password) }
        await #expect(throws: expected) { try await cheap.verify(password, against: nil) }
    }

    @Test(arguments: [1, 1024])
    func theLimitsThemselvesAreAccepted(length: Int) async throws {
        let password = Secret(String(repeating: "x", count: length))
        let encoded = try await cheap.hash(password)
        #expect(try await cheap.verify(password, against: encoded))
    }

    @Test func lengthIsCountedInBytes() async throws {
        let password = Secret(String(repeating: "é", count: 513))
        await #expect(throws: PasswordError.length(bytes: 1026, allowed: 1...1024)) { try await cheap.hash(password) }
    }

    @Test func aZeroByteDoesNotEndThePassword() async throws {
        let encoded = try await cheap.hash(Secret("a\0b"))
        #expect(try await cheap.verify(Secret("a\0b"), against: encoded))
        #expect(try await !cheap.verify(Secret("a\0c"), against: encoded))
        #expect(try await !cheap.verify(Secret("a"), against: encoded))
    }

    @Test(arguments: [
        nil, "", "!", "password", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
        "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=0,t=0,p=0$c29tZXNhbHQ$AAAAAA",
    ])
    func whatIsNoHashMatchesNothing(encoded: String?) async throws {
        #expect(try await !cheap.verify(Secret("password"), against: encoded))
    }

    @Test func aFullPoolIsSaidSo() async throws {
        let full = BlockingPool(threads: 1, limit: 0)
        let hasher = try PasswordHasher(parameters: .init(memoryKiB: 64, iterations: 1), pool: full)
        await #expect(throws: BlockingPoolFull.self) { try await hasher.hash(Secret("x")) }
    }
}
