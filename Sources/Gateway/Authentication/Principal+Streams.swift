import Domain
import Identity

extension Principal {
    /// Whether the caller may follow a stream.
    func mayRead(_ stream: StreamName) -> Bool { may(stream == .prompts ? .readPrompts : .readFlows) }
}
