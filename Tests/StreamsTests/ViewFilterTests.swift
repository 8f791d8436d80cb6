import Domain
import JSON
import Testing

@testable import Streams

@Suite struct ViewFilterTests {
    private let running: JSON = ["id": "f", "status": "running", "type": "t", "phase": "a"]
    private let waiting: JSON = ["id": "f", "status": "waiting", "type": "t", "phase": "a"]

    private func delta(_ filter: ViewFilter, _ before: JSON?, _ after: JSON?) -> JSON {
        filter.delta(ViewChange(seq: 1, item: "f", before: before, after: after)).json
    }

    @Test func anItemThatEntersTheFilterIsAddedAndOneThatLeavesRemoved() {
        let filter = ViewFilter.flows(status: .running, type: nil)
        #expect(delta(filter, waiting, running) == [["op": "add", "path": "/items/f", "value": running]])
        #expect(delta(filter, running, waiting) == [["op": "remove", "path": "/items/f"]])
        #expect(delta(filter, nil, waiting) == [])
        #expect(delta(filter, waiting, nil) == [])
    }

    @Test func aVisibleItemIsPatched() throws {
        let filter = ViewFilter.flows(status: nil, type: "t")
        let patch = try JSONPatch(json: delta(filter, running, waiting))
        #expect(try patch.apply(to: ["items": ["f": running]]) == ["items": ["f": waiting]])
    }

    @Test func aPromptIsSeenByThoseWhoMayDecideIt() {
        let prompt: JSON = ["assignees": ["users": ["u1"], "roles": ["operator"]]]
        #expect(ViewFilter.prompts(subject: "u1", roles: [.viewer]).admits(prompt))
        #expect(ViewFilter.prompts(subject: "u2", roles: [.operator]).admits(prompt))
        #expect(ViewFilter.prompts(subject: "u2", roles: [.admin]).admits(prompt))
        #expect(!ViewFilter.prompts(subject: "u2", roles: [.reviewer, .viewer]).admits(prompt))
        let open: JSON = ["assignees": ["users": [], "roles": []]]
        #expect(ViewFilter.prompts(subject: "u2", roles: [.reviewer]).admits(open))
        #expect(!ViewFilter.prompts(subject: "u2", roles: [.operator]).admits(open))
    }
}
