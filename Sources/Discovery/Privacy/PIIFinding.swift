// What the PII scanner reports: kinds, counts and masked samples. A raw value never becomes part of a finding.

/// A kind of personal data.
public enum PIIKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Mail address.
    case email
    /// Telephone number.
    case phone
    /// Payment card number: known issuer prefix, right length, valid Luhn digit (ISO/IEC 7812-1).
    case paymentCard = "payment_card"
    /// Bank account number with valid check digits (ISO 13616).
    case iban
    /// United States social security number.
    case usSSN = "us_ssn"
    /// Name of a person, believed only in columns whose name speaks of people.
    case personName = "person_name"
}

/// Personal data of one kind in one column.
public struct PIIFinding: Sendable, Hashable, Codable {
    /// Name of the column.
    public let column: String
    /// What was found.
    public let kind: PIIKind
    /// Rows in which the column holds it.
    public let count: Int
    /// Distinct masked values, at most ``DiscoveryLimits/samples``.
    public let samples: [String]
}

/// One place in a text that holds personal data.
public struct PIIMatch: Sendable, Hashable {
    /// What was found.
    public let kind: PIIKind
    /// Where, in UTF-8 offsets of the text.
    public let range: Range<Int>
}

/// What the name of a column says about personal data in it.
public struct PIIColumnHint: Sendable, Hashable {
    /// The column holds names of people.
    public let expectsNames: Bool
    /// The column holds telephone numbers.
    public let expectsPhones: Bool
    /// The column holds only part of a name (`first name`, `Nachname`).
    let expectsNameParts: Bool

    /// No hint: what is found must speak for itself.
    public static let none = PIIColumnHint(columnName: "")

    private static let nameWords: Set<String> = [
        "owner", "contact", "person", "user", "employee", "assignee", "assigned", "manager", "custodian", "responsible",
        "administrator", "admin", "requester", "caller", "customer", "verantwortlicher", "verantwortliche",
        "verantwortlich",
        "ansprechpartner", "ansprechpartnerin", "besitzer", "eigentuemer", "benutzer", "nutzer", "mitarbeiter",
        "kontakt",
        "kontaktperson", "betreuer", "inhaber", "leiter", "fullname", "username",
    ]
    private static let partWords: Set<String> = [
        "firstname", "lastname", "surname", "givenname", "familyname", "vorname", "nachname", "familienname",
    ]
    private static let phoneWords: Set<String> = [
        "phone", "telephone", "tel", "telefon", "telefonnummer", "rufnummer", "mobile", "mobil", "mobilnummer", "handy",
        "cell", "fax", "durchwahl",
    ]

    /// Reads the hint off a column's name.
    public init(columnName: String) {
        let tokens = NameTokens.split(columnName)
        let words = Set(tokens + zip(tokens, tokens.dropFirst()).map { $0 + $1 })
        expectsPhones = !words.isDisjoint(with: Self.phoneWords)
        expectsNameParts = !words.isDisjoint(with: Self.partWords)
        expectsNames = expectsNameParts || !words.isDisjoint(with: Self.nameWords)
    }
}
