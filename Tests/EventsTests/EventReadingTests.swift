import Domain
import JSON
import Testing

@testable import Events

struct EventReadingTests {
    private func record(_ event: JSON, seq: Int64 = 7, patch: JSON? = nil, type: String? = nil) -> EventRecord {
        EventRecord(
            tenant: .generate(),
            flow: .generate(),
            epoch: "e",
            flowType: type,
            flowTitle: nil,
            entry: FlowEvent(seq: seq, event: event, patch: patch, digest: nil)
        )
    }

    @Test(arguments: [
        (#"{"type":"RUN_STARTED","threadId":"t","runId":"r"}"#, "run.started"),
        (#"{"type":"RUN_FINISHED","threadId":"t","runId":"r"}"#, "flow.succeeded"),
        (#"{"type":"RUN_FINISHED","outcome":{"type":"success"}}"#, "flow.succeeded"),
        (#"{"type":"RUN_FINISHED","outcome":{"type":"interrupt","interrupts":[{"id":"p"}]}}"#, "flow.waiting"),
        (#"{"type":"RUN_FINISHED","outcome":{"type":"cancelled"}}"#, "flow.cancelled"),
        (#"{"type":"RUN_ERROR","message":"m"}"#, "flow.failed"),
        (#"{"type":"STEP_STARTED","stepName":"s"}"#, "step.started"),
        (#"{"type":"STEP_FINISHED","stepName":"s"}"#, "step.finished"),
        (#"{"type":"CUSTOM","name":"signalbox.step.failed","value":{"step":"s"}}"#, "step.failed"),
        (#"{"type":"CUSTOM","name":"signalbox.prompt.opened","value":{}}"#, "prompt.opened"),
        (#"{"type":"CUSTOM","name":"signalbox.prompt.decided","value":{}}"#, "prompt.decided"),
        (#"{"type":"CUSTOM","name":"signalbox.flow.retried","value":{}}"#, "flow.retried"),
        (#"{"type":"CUSTOM","name":"a.b","value":1}"#, "custom.a.b"),
        // What an agent calls its own is never one of ours.
        (#"{"type":"CUSTOM","name":"prompt.decided","value":{}}"#, "custom.prompt.decided"),
    ])
    func kinds(_ event: String, _ kind: String) throws {
        let record = record(try JSON.parse(Array(event.utf8)))
        #expect(EventKind.of(record.entry)?.rawValue == kind)
    }

    @Test(arguments: [
        #"{"type":"STATE_DELTA","delta":[]}"#, #"{"type":"STATE_SNAPSHOT","snapshot":{}}"#,
        #"{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"x"}"#, #"{"type":"CUSTOM"}"#,
        #"{"type":"CUSTOM","name":"signalbox.updated","value":{}}"#, #"{"type":"CUSTOM","name":"","value":1}"#,
        #"{"type":"CUSTOM","name":"zero\u0000","value":1}"#, #"{}"#,
    ])
    func silence(_ event: String) throws {
        #expect(EventKind.of(record(try JSON.parse(Array(event.utf8))).entry) == nil)
    }

    /// AG-UI has one event for the end of a step, whatever becomes of it.
    @Test(arguments: [
        (#"[{"op":"replace","path":"/flow/steps/s/status","value":"done"}]"#, "step.finished"),
        (#"[{"op":"replace","path":"/flow/steps/s/status","value":"waiting"}]"#, nil),
        (#"[{"op":"add","path":"/flow/steps/s","value":{"status":"retrying"}}]"#, nil),
        (#"[{"op":"add","path":"/flow/steps","value":{"s":{"status":"skipped"}}}]"#, nil),
        (#"[{"op":"add","path":"/flow/steps","value":{"s":{"status":"done"}}}]"#, "step.finished"),
        (#"[{"op":"replace","path":"/flow/steps/other/status","value":"waiting"}]"#, "step.finished"),
    ])
    func aStepHasFinishedWhenItsRowSaysSo(_ patch: String, _ kind: String?) throws {
        let record = record(["type": "STEP_FINISHED", "stepName": "s"], patch: try JSON.parse(Array(patch.utf8)))
        #expect(EventKind.of(record.entry)?.rawValue == kind)
    }

    @Test func tooLongANameIsNotHeardOf() {
        let longest = String(repeating: "a", count: EventKind.maximumNameBytes)
        #expect(EventKind.custom(longest) != nil)
        #expect(EventKind.custom(longest + "a") == nil)
    }

    @Test func everyKindIsReadByItsTypeAndNoOther() throws {
        let prompt: JSON = ["id": JSON(PromptID.generate().text), "title": "Go on?"]
        let waiting: JSON = ["type": "interrupt", "interrupts": [["id": "p"]]]
        var events: [(EventRecord, JSONObject)] = []
        func add(_ event: JSON, _ data: JSONObject) { events.append((record(event), data)) }
        let snapshot: JSON = ["type": "STATE_SNAPSHOT", "snapshot": [:]]
        events.append((record(snapshot, seq: 1, type: "discovery"), [:]))
        add(["type": "CUSTOM", "name": "signalbox.flow.retried", "value": [:]], [:])
        add(["type": "RUN_FINISHED", "runId": "r", "outcome": waiting], ["run_id": "r", "prompt_ids": ["p"]])
        add(["type": "RUN_FINISHED", "runId": "r"], ["run_id": "r"])
        add(["type": "RUN_ERROR", "message": "no"], ["message": "no"])
        add(["type": "RUN_FINISHED", "runId": "r", "outcome": ["type": "cancelled"]], [:])
        add(
            ["type": "RUN_STARTED", "runId": "r", "parentRunId": "q"],
            ["run_id": "r", "parent_run_id": "q"]
        )
        add(["type": "STEP_STARTED", "stepName": "s"], ["step": "s"])
        add(["type": "STEP_FINISHED", "stepName": "s"], ["step": "s"])
        let failed: JSON = ["type": "CUSTOM", "name": "signalbox.step.failed", "value": ["step": "s"]]
        add(failed, ["step": "s", "reason": .null])
        for verb in ["opened", "claimed", "released", "decided"] {
            add(["type": "CUSTOM", "name": JSON("signalbox.prompt.\(verb)"), "value": prompt], ["prompt": prompt])
        }
        let kinds = try events.map { try #require(EventKind.of($0.0.entry)) }
        #expect(kinds == EventCatalogue.kinds)
        for ((record, data), kind) in zip(events, kinds) {
            #expect(EventCatalogue.data(of: record, kind) == data, "\(kind)")
            for other in EventCatalogue.kinds where other != kind {
                #expect(EventCatalogue.data(of: record, other) == [:], "\(kind) was read as \(other)")
            }
        }
    }

    @Test func aFailureIsToldWithItsReason() {
        let patch: JSON = [
            ["op": "replace", "path": "/flow/steps/a~1b/status", "value": "failed"],
            ["op": "add", "path": "/flow/steps/a~1b/error", "value": "no such row"],
        ]
        let event: JSON = ["type": "CUSTOM", "name": "signalbox.step.failed", "value": ["step": "a/b"]]
        #expect(StepFailed(record(event, patch: patch))?.reason == "no such row")
    }

    struct Counted: CustomEvent, Equatable {
        static let name = "test.counted"
        let rows: Int
    }

    @Test func aFlowsOwnEventComesBackAsItWasTold() throws {
        let event = Counted(rows: 3)
        let record = record(try event.logged())
        #expect(Counted(record) == event)
        #expect(EventKind.of(record.entry) == Counted.kind)
        #expect(EventCatalogue.data(of: record, Counted.kind) == event.data)
        #expect(Counted(self.record(["type": "CUSTOM", "name": "test.counted", "value": ["rows": "three"]])) == nil)
    }
}
