import Domain
import JSON
import Testing

@Suite struct WireFormTests {
    private let draft = PromptDraft(
        kind: .toolCall,
        title: "Delete it?",
        message: "**Really**",
        shown: ["host": "db1"],
        action: ["tool": "delete", "arguments": ["host": "db1"]],
        responseSchema: nil,
        allowed: [.approve, .edit, .reject],
        users: ["u1"],
        roles: [.operator, .reviewer],
        requiresClaim: true,
        expiresAt: Timestamp(microseconds: 1_795_431_483_120_000)
    )

    @Test func aDraftIsReadBackAsItWasWritten() throws {
        #expect(PromptDraft(members: draft.members) == draft)
    }

    @Test func aDraftWithoutItsKindIsNotRead() {
        var members = draft.members
        members["kind"] = "something"
        #expect(PromptDraft(members: members) == nil)
    }

    @Test func anOutcomeIsReadBackAsItWasWritten() {
        let outcome = PromptOutcome(
            verb: .edit,
            response: nil,
            arguments: ["host": "db2"],
            reason: "wrong host",
            by: ["u1"],
            at: Timestamp(microseconds: 1_795_431_483_120_000),
            execution: .succeeded
        )
        #expect(PromptOutcome(json: outcome.json) == outcome)
    }

    @Test(arguments: ["flows", "prompts", "flow:017f22e2-79b0-7000-8000-000000000000"])
    func aStreamsNameRoundTrips(_ name: String) {
        #expect(StreamName(name)?.text == name)
    }

    @Test(arguments: ["", "flow", "flow:", "flow:x", "Flows", "presence:017f22e2-79b0-7000-8000-000000000000"])
    func anUnknownStreamIsNone(_ name: String) {
        #expect(StreamName(name) == nil)
    }
}
