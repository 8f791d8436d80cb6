// Column names as words: `ipAddress`, `IP_ADDR`, `Ip-Adresse (primär)` and `IP address` must meet.

/// Splits and compares names of columns.
enum NameTokens {
    /// Abbreviations written out, so that one synonym covers many spellings.
    private static let expansions: [String: [String]] = [
        "addr": ["address"], "adr": ["address"], "adresse": ["address"], "nr": ["number"], "no": ["number"],
        "num": ["number"], "nummer": ["number"], "ser": ["serial"], "sn": ["serial", "number"], "env": ["environment"],
        "os": ["operating", "system"], "dept": ["department"], "loc": ["location"], "desc": ["description"],
        "descr": ["description"], "mfr": ["manufacturer"], "mfg": ["manufacturer"], "ver": ["version"],
        "mem": ["memory"], "dt": ["date"], "datum": ["date"], "srv": ["server"], "sys": ["system"], "mgr": ["manager"],
        "crit": ["criticality"], "app": ["application"], "bu": ["business", "unit"], "hw": ["hardware"],
        "eol": ["end", "of", "life"], "cc": ["cost", "center"], "centre": ["center"], "mail": ["email"],
        "hdd": ["disk"], "ssd": ["disk"], "betriebssystem": ["operating", "system"], "ident": ["id"],
        "identifier": ["id"], "kennung": ["id"],
    ]

    /// Words that only qualify another one and say nothing alone.
    static let fillers: Set<String> = [
        "the", "of", "der", "die", "das", "des", "ci", "cmdb", "primary", "main", "current", "default", "in", "x", "u",
        "field", "value", "primaer",
    ]

    /// Lower-case words, umlauts written out, camelCase and digits split off at borders of case.
    static func split(_ name: String) -> [String] {
        var tokens: [String] = []
        var token = ""
        let characters = Array(name.unicodeScalars)
        func close() {
            if !token.isEmpty { tokens.append(token.folded) }
            token = ""
        }
        for (index, scalar) in characters.enumerated() {
            let properties = scalar.properties
            guard properties.isAlphabetic || properties.numericType != nil else {
                close()
                continue
            }
            if index > 0, properties.isUppercase {
                let previous = characters[index - 1].properties
                let next = index + 1 < characters.count ? characters[index + 1].properties : nil
                // `ipAddress` splits before the A, `IPAddress` before the A that begins a word, `IPv4` and `RAM` never.
                let beginsWord =
                    previous.isUppercase && next?.isLowercase == true && index + 2 < characters.count
                    && characters[index + 2].properties.isLowercase
                if previous.isLowercase || beginsWord { close() }
            }
            token.unicodeScalars.append(scalar)
        }
        close()
        return tokens
    }

    /// ``split(_:)`` with abbreviations written out.
    static func words(_ name: String) -> [String] {
        split(name).flatMap { expansions[$0] ?? [$0] }
    }

    /// Sørensen–Dice similarity of the letter pairs of two strings, padded so that the first letter weighs more. 0…1.
    static func similarity(_ left: String, _ right: String) -> Double {
        if left == right { return 1 }
        func pairs(_ text: String) -> [UInt16] {
            let bytes = [0x20] + Array(text.utf8) + [0x20]
            return zip(bytes, bytes.dropFirst()).map { UInt16($0) << 8 | UInt16($1) }.sorted()
        }
        let (first, second) = (pairs(left), pairs(right))
        var (i, j, shared) = (0, 0, 0)
        while i < first.count, j < second.count {
            if first[i] == second[j] {
                shared += 1
                i += 1
                j += 1
            } else if first[i] < second[j] {
                i += 1
            } else {
                j += 1
            }
        }
        return 2 * Double(shared) / Double(first.count + second.count)
    }
}
