import Glibc
import Logging
import Testing

@testable import Reactor
@testable import Server

/// What the operator hears of a time without descriptors.
@Suite struct ExhaustionLogTests {
    @Test func allLoopsTogetherTellOnceOfItsBeginningAndOnceOfItsEnd() {
        let lines = Journal<String>()
        let log = ExhaustionLog(Logger(label: "test") { _ in JournalLog(lines) })
        for _ in 0..<2 {
            log.began(SystemError("accept4", code: EMFILE), open: 7)
            log.refused()
            log.began(SystemError("accept4", code: EMFILE), open: 7)
            log.refused()
            log.ended()
            log.refused()
            log.ended()
        }
        #expect(lines.all.count == 4)
        for line in [lines.all[0], lines.all[2]] { #expect(line.contains("accept4") && line.contains("at 7 open")) }
        for line in [lines.all[1], lines.all[3]] { #expect(line.contains("3 were refused")) }
    }
}
