import HTTP
import HTTPTypes

/// Everything a parser reports for some input, with adjacent body pieces merged: the part that must not depend on cuts.
struct ParserRun: Equatable {
    var events: [RequestEvent] = []
    var error: HTTPError?
    var isIdle = false
    var isFinished = false

    /// Feeds `bytes` in pieces that end at `cuts` (ascending offsets) and at the end.
    init(_ bytes: [UInt8], limits: HTTPLimits = .default, cuts: [Int] = []) {
        var parser = RequestParser(limits: limits)
        var start = 0
        for end in cuts + [bytes.count] where error == nil {
            parser.receive(Array(bytes[start..<end]))
            start = end
            drain(&parser)
        }
        isIdle = error == nil && parser.isIdle
        isFinished = parser.isFinished
    }

    init(_ text: String, limits: HTTPLimits = .default, cuts: [Int] = []) {
        self.init(Array(text.utf8), limits: limits, cuts: cuts)
    }

    private mutating func drain(_ parser: inout RequestParser) {
        do throws(HTTPError) {
            while let event = try parser.next() {
                if case .body(let piece) = event, case .body(let before)? = events.last {
                    events[events.count - 1] = .body(before + piece)
                } else {
                    events.append(event)
                }
            }
        } catch {
            self.error = error
        }
    }

    var heads: [RequestHead] {
        events.compactMap { if case .head(let head) = $0 { head } else { nil } }
    }

    var bodies: [[UInt8]] {
        events.compactMap { if case .body(let body) = $0 { body } else { nil } }
    }

    var completed: Int {
        events.filter { if case .end = $0 { true } else { false } }.count
    }
}
