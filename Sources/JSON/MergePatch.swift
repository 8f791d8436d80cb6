/// JSON Merge Patch (RFC 7396).
public enum MergePatch {
    /// The target with the patch merged in (RFC 7396 §2): members that are `null` in the patch are removed, objects
    /// are merged member by member, everything else replaces what is there.
    ///
    /// - Complexity: O(size of the patch) look-ups; what the patch does not name is shared with the target.
    public static func apply(_ patch: JSON, to target: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result = target.object ?? JSONObject()
        for (name, change) in changes {
            if change.isNull {
                result.removeValue(forKey: name)
            } else {
                result[name] = apply(change, to: result[name] ?? .null)
            }
        }
        return .object(result)
    }
}
