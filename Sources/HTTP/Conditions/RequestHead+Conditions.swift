internal import HTTPTypes

extension RequestHead {
    /// Weighs the conditions of the request in the order of RFC 9110 §13.2.2, for a representation that exists.
    ///
    /// A date that cannot be read, and a date for a representation without one, is no condition (§13.1.3, §13.1.4).
    /// - Parameter now: seconds since 1970-01-01T00:00:00Z; see ``HTTPDate/parse(_:now:)``.
    /// - Throws: ``HTTPError/Fault/entityTag``.
    public func weighConditions(_ current: Validators, now: Int) throws(HTTPError) -> ConditionOutcome {
        if let tags = try ifMatch() {
            guard tags.matchesStrongly(current.tag) else { return .failed }
        } else if let latest = date(.ifUnmodifiedSince, now), let modified = current.lastModified {
            guard modified <= latest else { return .failed }
        }
        let isReading = method == .get || method == .head
        if let tags = try ifNoneMatch() {
            if tags.matchesWeakly(current.tag) { return isReading ? .notModified : .failed }
        } else if isReading, let latest = date(.ifModifiedSince, now), let modified = current.lastModified {
            if modified <= latest { return .notModified }
        }
        return .holds
    }

    /// Whether a `Range` of this request may be served from the current representation (RFC 9110 §13.1.5).
    ///
    /// A tag is compared strongly. A date must be the very one, and counts only where it is a strong validator (§8.8.2.2):
    /// `now` is at least a second later, so that the representation cannot have changed twice within that second.
    /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
    public func admitsRange(of current: Validators, now: Int) -> Bool {
        guard let value = headers[.ifRange] else { return true }
        if let tag = EntityTag(parsing: FieldList.trimmed(value[...])) { return !tag.isWeak && tag == current.tag }
        guard let date = HTTPDate.parse(value, now: now), let modified = current.lastModified else { return false }
        return date == modified && modified < now
    }

    private func date(_ name: HTTPField.Name, _ now: Int) -> Int? {
        headers[name].flatMap { HTTPDate.parse($0, now: now) }
    }
}
