/// Times two pieces of work in turn, so that both see the same machine.
enum Measure {
    private static let rounds = 15
    private static let roundTime = Duration.milliseconds(20)

    /// The median time of one run of each, in nanoseconds.
    static func pair(_ ours: () throws -> Void, _ theirs: () throws -> Void) rethrows -> (ours: Double, theirs: Double)
    {
        let (ourRuns, theirRuns) = (try calibrated(ours), try calibrated(theirs))
        var times: (ours: [Double], theirs: [Double]) = ([], [])
        for _ in 0..<rounds {
            times.ours.append(try time(ours, runs: ourRuns))
            times.theirs.append(try time(theirs, runs: theirRuns))
        }
        return (times.ours.sorted()[rounds / 2], times.theirs.sorted()[rounds / 2])
    }

    /// So many runs that a round takes about ``roundTime``.
    private static func calibrated(_ body: () throws -> Void) rethrows -> Int {
        let once = try time(body, runs: 3)
        return max(1, Int(roundTime / .nanoseconds(Int64(max(1, once)))))
    }

    private static func time(_ body: () throws -> Void, runs: Int) rethrows -> Double {
        let start = ContinuousClock.now
        for _ in 0..<runs { try body() }
        return (ContinuousClock.now - start) / .nanoseconds(1) / Double(runs)
    }
}
