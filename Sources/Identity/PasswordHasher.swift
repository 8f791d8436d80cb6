import CArgon2
public import Reactor

/// Hashes and checks passwords with argon2id (RFC 9106), away from the loops.
///
/// Each hash takes tens of milliseconds of one thread and ``Parameters/memoryKiB`` of memory while it runs; the pool's
/// number of threads bounds both.
public struct PasswordHasher: Sendable {
    /// What a hash costs.
    public struct Parameters: Sendable, Hashable {
        /// Memory in KiB.
        public let memoryKiB: Int
        /// Passes over the memory.
        public let iterations: Int
        /// Lanes.
        public let parallelism: Int

        /// Creates parameters; without arguments those that OWASP's password storage cheat sheet names first: 19 MiB,
        /// 2 passes, 1 lane.
        /// - Parameters:
        ///   - memoryKiB: 8 times `parallelism` at least (RFC 9106, section 3.1), at most 1 GiB.
        ///   - iterations: 1…64.
        ///   - parallelism: 1…16.
        /// - Throws: ``IdentityConfigurationError/outOfRange(field:value:allowed:)``.
        public init(
            memoryKiB: Int = 19 * 1024,
            iterations: Int = 2,
            parallelism: Int = 1
        ) throws(IdentityConfigurationError) {
            try IdentityConfiguration.check(Int64(parallelism), in: 1...16, of: "password parallelism (lanes)")
            let memory = Int64(8 * parallelism)...1_048_576
            try IdentityConfiguration.check(Int64(memoryKiB), in: memory, of: "password memory (KiB)")
            try IdentityConfiguration.check(Int64(iterations), in: 1...64, of: "password iterations")
            self.memoryKiB = memoryKiB
            self.iterations = iterations
            self.parallelism = parallelism
        }
    }

    /// The lengths of a password that are accepted, in bytes of UTF-8.
    public static let allowedLength = 1...1024

    private static let saltLength = 16
    private static let hashLength = 32

    private let parameters: Parameters
    private let pool: BlockingPool

    /// Creates a hasher that works on the threads of `pool`.
    public init(parameters: Parameters, pool: BlockingPool) {
        self.parameters = parameters
        self.pool = pool
    }

    /// The encoded hash (`$argon2id$v=19$…`) of a password, with a fresh salt.
    /// - Throws: ``PasswordError``; ``BlockingPoolFull``.
    public func hash(_ password: Secret<String>) async throws -> String {
        let bytes = try Self.bytes(of: password)
        let parameters = parameters
        return try await pool.run { try Self.encodedHash(of: bytes, parameters) }
    }

    /// Whether `password` is the one behind `encoded`, in time that does not depend on where they differ.
    ///
    /// With nil, or a text that is not an argon2id hash, nothing matches, after as much work as a hash made with these
    /// parameters would have taken: an unknown user costs what a known one does.
    /// - Throws: ``PasswordError``; ``BlockingPoolFull``.
    public func verify(_ password: Secret<String>, against encoded: String?) async throws -> Bool {
        let bytes = try Self.bytes(of: password)
        let parameters = parameters
        return try await pool.run {
            if let encoded {
                let code = argon2id_verify(encoded, bytes, bytes.count)
                if code == ARGON2_OK.rawValue { return true }
                if code == ARGON2_VERIFY_MISMATCH.rawValue { return false }
                if code == ARGON2_MEMORY_ALLOCATION_ERROR.rawValue { throw PasswordError.failed(code: code) }
            }
            _ = try Self.encodedHash(of: bytes, parameters)
            return false
        }
    }

    private static func bytes(of password: Secret<String>) throws(PasswordError) -> [UInt8] {
        let bytes = Array(password.reveal().utf8)
        guard allowedLength.contains(bytes.count) else { throw .length(bytes: bytes.count, allowed: allowedLength) }
        return bytes
    }

    private static func encodedHash(of password: [UInt8], _ parameters: Parameters) throws(PasswordError) -> String {
        let memory = UInt32(parameters.memoryKiB)
        let iterations = UInt32(parameters.iterations)
        let lanes = UInt32(parameters.parallelism)
        let size = argon2_encodedlen(
            iterations,
            memory,
            lanes,
            UInt32(saltLength),
            UInt32(hashLength),
            Argon2_id
        )
        let salt = RandomBytes.make(saltLength)
        var code = ARGON2_OK.rawValue
        // The library ends the text with a zero byte, which it counts in the size.
        let text = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            buffer.initialize(repeating: 0)
            code = buffer.withMemoryRebound(to: CChar.self) { encoded in
                argon2id_hash_encoded(
                    iterations,
                    memory,
                    lanes,
                    password,
                    password.count,
                    salt,
                    salt.count,
                    hashLength,
                    encoded.baseAddress,
                    encoded.count
                )
            }
            count = buffer.firstIndex(of: 0) ?? size
        }
        guard code == ARGON2_OK.rawValue else { throw .failed(code: code) }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Why a password was not hashed or checked.
public enum PasswordError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Empty, or longer than anybody types.
    case length(bytes: Int, allowed: ClosedRange<Int>)
    /// libargon2 refused, most likely for want of memory; with its error code.
    case failed(code: Int32)

    /// One sentence.
    public var description: String {
        switch self {
        case .length(let bytes, let allowed):
            "The password is \(bytes) bytes long; it must be \(allowed.lowerBound)…\(allowed.upperBound)."
        case .failed(let code): "The password could not be hashed (argon2 error \(code))."
        }
    }
}
