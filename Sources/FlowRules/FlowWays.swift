/// Which steps follow which.
struct FlowWays {
    private let steps: [StepOutline]
    /// By a step's place, the places of those that wait for it, or for a label of it.
    private let followers: [[Int]]

    init(_ steps: [StepOutline]) {
        self.steps = steps
        followers = steps.map { step in
            steps.indices.filter { index in
                guard let condition = steps[index].condition else { return false }
                return condition.steps.contains(step.name) || condition.labels.contains(where: step.labels.contains)
            }
        }
    }

    /// The steps that never run, whatever the routers say.
    var stuck: [Int] {
        var running: Set<String> = []
        var rest = Array(steps.indices)
        while true {
            let returned = Set(steps.filter { running.contains($0.name) }.flatMap(\.labels))
            let more = rest.filter { steps[$0].condition?.canBeMet(by: running, returned) ?? true }
            guard !more.isEmpty else { return rest }
            rest.removeAll(where: more.contains)
            running.formUnion(more.map { steps[$0].name })
        }
    }

    /// The first circle of steps none of which says how often it may run, in order.
    var unboundedCycle: [Int]? {
        var walk = Walk(followers: followers, leavesOut: steps.map(\.isBounded))
        for step in steps.indices {
            if let cycle = walk.cycle(from: step) { return cycle }
        }
        return nil
    }

    private struct Walk {
        let followers: [[Int]]
        let leavesOut: [Bool]
        var path: [Int] = []
        var seen: Set<Int> = []

        mutating func cycle(from step: Int) -> [Int]? {
            guard !leavesOut[step] else { return nil }
            if let start = path.firstIndex(of: step) { return Array(path[start...]) }
            guard seen.insert(step).inserted else { return nil }
            path.append(step)
            for follower in followers[step] {
                if let cycle = cycle(from: follower) { return cycle }
            }
            path.removeLast()
            return nil
        }
    }
}
