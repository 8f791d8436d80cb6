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

    @Test func whoSeesTheSameOfAChangeSharesItsEntry() {
        let change = ViewChange(seq: 1, item: "p", before: nil, after: ["assignees": ["users": ["u1"], "roles": []]])
        var entries = SharedViewEntries(change, stream: .prompts)
        func entry(_ subject: String, _ roles: Set<Role>, epoch: String = "e") -> StreamEntry {
            entries.entry(for: .prompts(subject: subject, roles: roles), epoch: epoch)
        }
        let seen = entry("u1", [.reviewer])
        #expect(entry("u2", [.admin]) === seen && seen.event["delta"] != [])
        let unseen = entry("u2", [.reviewer])
        #expect(entry("u3", [.operator]) === unseen && unseen.event["delta"] == [])
        #expect(entry("u1", [.reviewer], epoch: "f") !== seen)
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
