public import Domain
public import JSON

extension Flow {
    /// A new flow that is changed from outside, not stored yet.
    public static func external(
        _ title: String = "external",
        state: JSON = [:],
        metadata: JSON = [:],
        by subject: String = "agent",
        at time: Timestamp = .now()
    ) -> Flow {
        Flow(
            id: .generate(),
            type: "external",
            title: title,
            status: .running,
            phase: nil,
            state: state,
            metadata: metadata,
            input: nil,
            graph: nil,
            seq: 0,
            epoch: "e",
            run: nil,
            createdBy: subject,
            createdAt: time,
            updatedAt: time
        )
    }
}
