import Domain
import Testing

@testable import Identity

struct LoginThrottleTests {
    private let limits = ThrottleLimits(
        freeAccountFailures: 3,
        freeAddressFailures: 6,
        longestDelay: 60,
        forgottenAfter: 900,
        capacity: 1000
    )
    private let start = Timestamp(microseconds: 1_800_000_000_000_000)

    private func attempt(
        _ throttle: LoginThrottle,
        email: String = "ann@acme.test",
        address: String = "192.0.2.1",
        at offset: Int64 = 0
    ) throws(AuthError) -> LoginThrottle.Admission {
        try throttle.admit(tenant: "acme", email: email, address: address, now: start.adding(seconds: offset))
    }

    private func wait(
        _ throttle: LoginThrottle,
        email: String = "ann@acme.test",
        address: String = "192.0.2.1",
        at offset: Int64 = 0
    ) -> Int {
        do {
            throttle.withdraw(try attempt(throttle, email: email, address: address, at: offset))
            return 0
        } catch {
            guard case .tooManyAttempts(let seconds) = error else { return -1 }
            return seconds
        }
    }

    @Test func theWaitDoublesUpToItsLimit() throws {
        let throttle = LoginThrottle(limits: limits)
        for _ in 0..<3 { _ = try attempt(throttle, address: "a") }
        var offset: Int64 = 0
        var waits: [Int] = []
        for number in 0..<9 {
            let seconds = wait(throttle, address: "b\(number)", at: offset)
            waits.append(seconds)
            offset += Int64(seconds)
            _ = try attempt(throttle, address: "b\(number)", at: offset)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test func refusedAttemptsDoNotLengthenTheWait() throws {
        let throttle = LoginThrottle(limits: limits)
        for _ in 0..<3 { _ = try attempt(throttle) }
        for _ in 0..<1000 { #expect(wait(throttle) == 1) }
        #expect(wait(throttle, at: 1) == 0)
    }

    @Test func failuresAreForgotten() throws {
        let throttle = LoginThrottle(limits: limits)
        for _ in 0..<3 { _ = try attempt(throttle) }
        _ = try attempt(throttle, at: 1)
        #expect(wait(throttle, at: 2) == 1)
        for number in 0..<3 { _ = try attempt(throttle, at: 902 + Int64(number)) }
        #expect(wait(throttle, at: 904) == 1, "three again, not seven")
    }

    @Test func successStartsTheAccountAfresh() throws {
        let throttle = LoginThrottle(limits: limits)
        for _ in 0..<2 { _ = try attempt(throttle) }
        throttle.succeeded(try attempt(throttle))
        for _ in 0..<3 { _ = try attempt(throttle, address: "192.0.2.2") }
        #expect(wait(throttle, address: "192.0.2.2") == 1)
    }

    @Test func oneAddressCannotTryManyAccounts() throws {
        let throttle = LoginThrottle(limits: limits)
        for number in 0..<6 { _ = try attempt(throttle, email: "user\(number)@acme.test") }
        #expect(wait(throttle, email: "fresh@acme.test") == 1)
        #expect(wait(throttle, email: "fresh@acme.test", address: "192.0.2.9") == 0)
    }

    @Test func anAttackersOwnSuccessDoesNotClearTheirAddress() throws {
        let throttle = LoginThrottle(limits: limits)
        for number in 0..<5 { _ = try attempt(throttle, email: "user\(number)@acme.test") }
        throttle.succeeded(try attempt(throttle, email: "mallory@acme.test"))
        _ = try attempt(throttle, email: "user5@acme.test")
        #expect(wait(throttle, email: "user6@acme.test") == 1)
    }

    @Test func strangersDoNotShutOutWhoSignedInBefore() throws {
        let throttle = LoginThrottle(limits: limits)
        throttle.succeeded(try attempt(throttle, address: "home"))
        for number in 0..<3 { _ = try attempt(throttle, address: "evil\(number)") }
        for number in 0..<6 { _ = try attempt(throttle, email: "other\(number)@acme.test", address: "home") }
        #expect(wait(throttle, address: "evil") == 1)
        #expect(wait(throttle, email: "new@acme.test", address: "home") == 1)
        #expect(wait(throttle, address: "home") == 0)
        for _ in 0..<3 { _ = try attempt(throttle, address: "home") }
        #expect(wait(throttle, address: "home") == 1, "but there, too, guessing is slow")
    }

    @Test func parallelAttemptsCountBeforeTheyAreJudged() throws {
        let throttle = LoginThrottle(limits: limits)
        var admitted = 0
        for _ in 0..<100 where (try? attempt(throttle)) != nil { admitted += 1 }
        #expect(admitted == 3)
    }

    @Test func whatWasNotJudgedDoesNotCount() throws {
        let throttle = LoginThrottle(limits: limits)
        for _ in 0..<100 { throttle.withdraw(try attempt(throttle)) }
        #expect(wait(throttle) == 0)
    }

    @Test func aWithdrawnAttemptDoesNotRenewTheWait() throws {
        let throttle = LoginThrottle(limits: limits)
        for _ in 0..<4 where (try? attempt(throttle)) == nil { break }
        throttle.withdraw(try attempt(throttle, at: 1))
        #expect(wait(throttle, at: 1) == 0)
    }

    @Test func tenantsAreApart() throws {
        let throttle = LoginThrottle(limits: limits)
        for number in 0..<3 { _ = try attempt(throttle, address: "\(number)") }
        #expect(wait(throttle, address: "x") == 1)
        _ = try throttle.admit(tenant: "globex", email: "ann@acme.test", address: "x", now: start)
    }

    @Test func aClockThatWasSetBackDoesNotLengthenTheWait() throws {
        let throttle = LoginThrottle(limits: limits)
        for _ in 0..<3 { _ = try attempt(throttle) }
        #expect(wait(throttle, at: -1_000_000) == 1)
    }
}
