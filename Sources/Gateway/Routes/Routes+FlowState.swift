import Domain
import Flows
import HTTP
import HTTPTypes
import Identity
import JSON
import Server

extension Route {
    private static let patch = MediaType(type: "application", subtype: "json-patch+json")
    private static let mergePatch = MediaType(type: "application", subtype: "merge-patch+json")
    private static let ifMatch = Parameter.header("If-Match", "Refuses the change unless the flow is at this position.")
    private static let problems: [ProblemCode] = [
        .invalidState, .flowHasEnded, .preconditionFailed, .contentTooLarge,
    ]

    static let flowState: [Route] = [
        Route(
            .patch,
            "/v1/flows/{id}/state",
            .action(.patchState),
            "Changes the state by an RFC 6902 patch or an RFC 7396 merge patch.",
            parameters: [ifMatch],
            body: .json("StatePatch", types: [patch.essence, mergePatch.essence]),
            answers: [Answer(200, "Position")],
            problems: problems + [.invalidPatch]
        ) { try await $0.patchState() },
        Route(
            .put,
            "/v1/flows/{id}/state",
            .action(.patchState),
            "Replaces the state; the answer has the smallest patch that does it.",
            parameters: [ifMatch],
            body: .json("State"),
            answers: [Answer(200, "Position")],
            problems: problems
        ) { try await $0.replaceState() },
    ]
}

extension Call {
    fileprivate func patchState() async throws -> Response {
        let type = try checkContentType()
        let content = try JSON.parse(request.body)
        let change: StateChange =
            type.subtype == "json-patch+json" ? .patch(try JSONPatch(json: content)) : .merge(content)
        let done = try await self.change(change)
        return .json(["seq": JSON(Int(done.seq)), "digest": JSON(done.digest)])
    }

    fileprivate func replaceState() async throws -> Response {
        let done = try await change(.replace(try json()))
        return .json(["seq": JSON(Int(done.seq)), "digest": JSON(done.digest), "patch": done.patch])
    }

    private func change(_ change: StateChange) async throws -> (seq: Int64, digest: String, patch: JSON) {
        try await services.flows.change(
            try id(of: Flow.self),
            change,
            ifSeq: try expectedPosition(),
            by: try principal(),
            at: now
        )
    }

    /// The position of `If-Match`; nil when any will do. A tag that no flow ever has stands for a position that cannot be.
    private func expectedPosition() throws -> Int64? {
        switch try head.ifMatch() {
        case nil, .any: return nil
        case .tags(let tags):
            guard tags.count == 1, let tag = tags.first else {
                throw Problem.parameter("If-Match", "must have one entity tag")
            }
            // The position is that of the flow, however the answer with its tag was coded.
            return tag.isWeak ? -1 : Int64(tag.uncoded.opaque) ?? -1
        }
    }
}
