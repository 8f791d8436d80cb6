/// Which certificate serves which host name.
struct TLSNameTable {
    private var exact: [String: Int] = [:]
    /// By what follows the `*.` of a wildcard.
    private var wildcards: [String: Int] = [:]

    /// Adds a name from a certificate; where two certificates have the same one, the first keeps it.
    mutating func add(_ name: String, index: Int) {
        let name = name.lowercased()
        if name.hasPrefix("*.") {
            let parent = String(name.dropFirst(2))
            if wildcards[parent] == nil { wildcards[parent] = index }
        } else if exact[name] == nil {
            exact[name] = index
        }
    }

    /// The certificate for a host name. A wildcard stands for exactly one label (RFC 9525 section 6.3).
    func index(of host: String) -> Int? {
        let host = host.lowercased()
        if let index = exact[host] { return index }
        guard let dot = host.firstIndex(of: "."), dot != host.startIndex else { return nil }
        return wildcards[String(host[host.index(after: dot)...])]
    }
}
