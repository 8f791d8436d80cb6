import Domain
import Identity
import Testing

/// The table once more, written by hand: a cell that changes by accident fails here.
struct ActionTests {
    /// Columns: viewer, reviewer, operator, agent, admin.
    private static let expected: [Action: String] = [
        .readFlows: "yes yes yes yes yes",
        .createFlow: "no  no  yes yes yes",
        .patchState: "no  no  yes yes yes",
        .appendEvents: "no  no  no  yes yes",
        .cancelFlow: "no  no  yes no  yes",
        .askPrompt: "no  no  no  yes yes",
        .readPrompts: "yes yes yes yes yes",
        .decidePrompts: "no  yes yes no  yes",
        .claimPrompts: "no  yes yes no  yes",
        .upload: "no  no  yes no  yes",
        .readAssets: "yes yes yes yes yes",
        .readAudit: "no  no  no  no  yes",
        .manageWebhooks: "no  no  no  no  yes",
    ]

    @Test(arguments: Action.allCases)
    func everyCell(action: Action) throws {
        let cells = try #require(Self.expected[action]).split(separator: " ")
        for (role, cell) in zip([Role.viewer, .reviewer, .operator, .agent, .admin], cells) {
            #expect(principal(roles: [role]).may(action) == (cell == "yes"), "\(role) \(action)")
        }
        #expect(cells.count == Role.allCases.count)
        #expect(!principal(roles: []).may(action))
    }

    @Test func rolesAddUp() {
        let both = principal(roles: [.reviewer, .agent])
        #expect(both.may(.decidePrompts))
        #expect(both.may(.askPrompt))
        #expect(!both.may(.upload))
    }

    private func principal(roles: Set<Role>) -> Principal {
        Principal(
            tenant: Tenant(id: .generate(), name: "t"),
            subject: "s",
            displayName: "s",
            roles: roles,
            session: nil,
            expiresAt: .now()
        )
    }
}
