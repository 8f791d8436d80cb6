import Events

/// The kinds of events that a webhook is told of.
enum EventFilter {
    private static let maximumPatterns = 50
    private static let families = Set(
        EventCatalogue.kinds.compactMap { $0.rawValue.split(separator: ".").first.map(String.init) }
    )
    private static let known = Set(EventCatalogue.kinds.map(\.rawValue))

    /// What is wrong with a filter, as the end of a sentence; nil when nothing is.
    static func fault(in patterns: [String]) -> String? {
        guard !patterns.isEmpty, patterns.count <= maximumPatterns else {
            return "must have 1 to \(maximumPatterns) kinds of events"
        }
        guard let wrong = patterns.first(where: { !isKnown($0) }) else { return nil }
        return
            "must have kinds of events only, such as flow.succeeded, prompt.*, custom.<name> or *, not \(wrong.prefix(60))"
    }

    private static func isKnown(_ pattern: String) -> Bool {
        if pattern == "*" || known.contains(pattern) { return true }
        if pattern.hasPrefix(EventKind.customPrefix) {
            return EventKind.custom(String(pattern.dropFirst(EventKind.customPrefix.count))) != nil
        }
        return pattern.hasSuffix(".*") && families.contains(String(pattern.dropLast(2)))
    }
}
