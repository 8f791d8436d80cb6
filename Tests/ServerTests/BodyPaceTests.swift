import Logging
import Testing

@testable import Server

/// How fast a content must come.
@Suite struct BodyPaceTests {
    private static let second: UInt64 = 1_000_000_000

    /// Ten seconds of silence at most, and a hundred bytes in each ten seconds.
    private func pace(rate: Int = 10) -> BodyPace {
        var configuration = ServerConfiguration(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.bodyTimeout = .seconds(10)
        configuration.minimumBodyRate = rate
        var pace = BodyPace(configuration)
        pace.begin(at: Self.second)
        return pace
    }

    /// Pieces as (second, bytes); checked whenever a check is due. Returns the second of the refusal and its limit.
    private func end(of pace: BodyPace, _ pieces: [(at: UInt64, bytes: Int)]) -> (UInt64, ReachedLimit)? {
        var pace = pace
        var pieces = pieces[...]
        var now = Self.second
        for _ in 0..<1000 {
            let due = now + UInt64(pace.next(at: now).components.seconds) * Self.second
            if let next = pieces.first, next.at * Self.second < due {
                now = next.at * Self.second
                pace.received(next.bytes, at: now)
                pieces = pieces.dropFirst()
                continue
            }
            if pieces.isEmpty, pace.check(at: due) == nil, due > 400 * Self.second { return nil }
            now = due
            if let limit = pace.check(at: now) { return (now / Self.second, limit) }
        }
        return nil
    }

    @Test func silenceEndsItInTime() throws {
        let (none, limit) = try #require(end(of: pace(), []))
        #expect(none == 11 && limit == ReachedLimit(.bodyTimeout, 10))
        // A good beginning buys no longer silence than anybody has.
        let (later, same) = try #require(end(of: pace(), [(2, 1_000_000), (5, 1)]))
        #expect(later == 15 && same.name == .bodyTimeout)
    }

    @Test func drippingEndsItAlsoAfterAGoodBeginning() throws {
        let drip = stride(from: UInt64(2), to: 200, by: 9).map { (at: $0, bytes: 1) }
        let (first, limit) = try #require(end(of: pace(), drip))
        #expect(first == 11 && limit == ReachedLimit(.minimumBodyRate, 10))
        let (second, same) = try #require(end(of: pace(), [(2, 1_000_000)] + drip))
        #expect(second == 21 && same.name == .minimumBodyRate)
    }

    @Test func aSteadyPaceIsKeptForEver() {
        #expect(end(of: pace(), stride(from: UInt64(2), to: 400, by: 5).map { (at: $0, bytes: 50) }) == nil)
        let drip = stride(from: UInt64(2), to: 400, by: 9).map { (at: $0, bytes: 1) }
        #expect(end(of: pace(rate: 0), drip) == nil)
    }

    @Test func whatTookLongOnOurSideIsNotThePeersFault() {
        var pace = pace()
        pace.begin(at: 60 * Self.second)
        #expect(pace.next(at: 60 * Self.second) == .seconds(10))
        pace.received(100, at: 69 * Self.second)
        #expect(pace.check(at: 70 * Self.second) == nil)
    }
}
