import Approvals
import Domain
import JSON
import Testing

@Suite struct PromptRulesTests {
    private let now = Timestamp(microseconds: 1_795_431_483_000_000)
    private let reviewer = Self.principal("rita", [.reviewer])

    private static func principal(_ subject: String, _ roles: Set<Role>) -> Principal {
        Principal(
            tenant: Tenant(id: .generate(), name: "acme"),
            subject: subject,
            displayName: subject,
            roles: roles,
            session: nil,
            expiresAt: Timestamp(microseconds: .max)
        )
    }

    private func prompt(_ change: (inout PromptDraft) -> Void = { _ in }) -> Prompt {
        var draft = PromptDraft(
            kind: .confirmation,
            title: "Go on?",
            message: "",
            shown: ["proposal": ["n": 1]],
            responseSchema: [
                "type": "object", "required": ["n"], "properties": ["n": ["type": "integer", "maximum": 9]],
            ],
            allowed: [.approve, .edit, .reject]
        )
        change(&draft)
        return Prompt(
            id: .generate(),
            flow: .generate(),
            run: nil,
            step: "ask",
            attempt: 1,
            draft: draft,
            shownDigest: draft.digest,
            createdBy: "system:engine",
            createdAt: now
        )
    }

    private func decision(
        _ verb: Verb,
        on prompt: Prompt,
        response: JSON? = nil,
        arguments: JSON? = nil,
        version: Int? = nil,
        digest: String? = nil
    ) -> Decision {
        Decision(
            verb: verb,
            response: response,
            arguments: arguments,
            reason: nil,
            shownDigest: digest ?? prompt.shownDigest,
            version: version,
            idempotencyKey: "k"
        )
    }

    private func error(_ prompt: Prompt, _ decision: Decision, by principal: Principal? = nil) -> ApprovalError? {
        do throws(ApprovalError) {
            _ = try PromptRules.decide(prompt, with: decision, by: principal ?? reviewer, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func anApprovalDecides() throws {
        let prompt = prompt()
        let decided = try PromptRules.decide(prompt, with: decision(.approve, on: prompt), by: reviewer, at: now)
        #expect(decided.status == .decided)
        #expect(decided.version == prompt.version + 1)
        #expect(decided.outcome?.verb == .approve)
        #expect(decided.outcome?.by == ["rita"])
        #expect(decided.outcome?.execution == .pending)
    }

    @Test func textThatTheDatabaseCannotHoldIsRefused() {
        let asked = prompt {
            $0.title = "a\u{0}"
            $0.message = "\u{0}b"
        }
        #expect(PromptRules.violations(of: asked.draft).map(\.pointer) == ["/title", "/message"])
    }

    @Test func anEditNeedsAResponseThatMeetsTheSchema() {
        let prompt = prompt()
        #expect(error(prompt, decision(.edit, on: prompt, response: ["n": 3])) == nil)
        guard case .invalid(let missing) = error(prompt, decision(.edit, on: prompt)),
            case .invalid(let broken) = error(prompt, decision(.edit, on: prompt, response: ["n": 10]))
        else {
            Issue.record("An edit without a valid response was not refused as invalid.")
            return
        }
        #expect(missing.map(\.pointer) == ["/response"])
        #expect(broken.map(\.pointer) == ["/response/n"])
    }

    @Test func anApprovalTakesNoResponse() {
        let prompt = prompt()
        guard case .invalid = error(prompt, decision(.approve, on: prompt, response: ["n": 3])) else {
            Issue.record("A response beside an approval was taken.")
            return
        }
    }

    @Test(arguments: [Verb.respond, .ignore])
    func aVerbThatIsNotAllowedIsRefused(_ verb: Verb) {
        let prompt = prompt()
        guard case .invalid(let violations) = error(prompt, decision(verb, on: prompt, response: ["n": 1])) else {
            Issue.record("\(verb) was taken.")
            return
        }
        #expect(violations.contains { $0.pointer == "/verb" })
    }

    @Test func onlyThoseWhoAreAskedMayDecide() {
        let prompt = prompt()
        #expect(error(prompt, decision(.approve, on: prompt), by: Self.principal("vic", [.viewer])) == .forbidden)
        #expect(error(prompt, decision(.approve, on: prompt), by: Self.principal("ann", [.admin])) == nil)
        let personal = self.prompt {
            $0.users = ["vic"]; $0.roles = []
        }
        #expect(error(personal, decision(.approve, on: personal), by: Self.principal("vic", [.viewer])) == nil)
        #expect(error(personal, decision(.approve, on: personal)) == .forbidden)
    }

    @Test func whatChangedUnderTheReaderIsNotDecided() {
        let prompt = prompt()
        #expect(error(prompt, decision(.approve, on: prompt, digest: "sha256:00")) == .changed(prompt))
        #expect(error(prompt, decision(.approve, on: prompt, version: 7)) == .changed(prompt))
        #expect(error(prompt, decision(.approve, on: prompt, version: prompt.version)) == nil)
    }

    @Test(arguments: [PromptStatus.decided, .superseded, .expired, .cancelled])
    func whatIsOverStaysAsItIs(_ status: PromptStatus) {
        var prompt = prompt()
        prompt.status = status
        let expected: ApprovalError =
            switch status {
            case .decided: .alreadyDecided(prompt)
            case .superseded: .stale(prompt)
            case .expired: .expired(prompt)
            default: .cancelled(prompt)
            }
        #expect(error(prompt, decision(.approve, on: prompt)) == expected)
    }

    @Test func aDeadlineThatHasPassedIsNotApproval() {
        let end = now
        let prompt = prompt { $0.expiresAt = end }
        #expect(error(prompt, decision(.approve, on: prompt)) == .expired(prompt))
    }

    @Test func aClaimKeepsOthersOutUntilItEnds() throws {
        let prompt = prompt()
        let claimed = try PromptRules.claim(prompt, by: reviewer, at: now, seconds: 60)
        let other = Self.principal("rob", [.reviewer])
        #expect(error(claimed, decision(.approve, on: claimed), by: other) == .claimed(claimed))
        #expect(error(claimed, decision(.approve, on: claimed)) == nil)
        let later = now.adding(seconds: 61)
        let taken = try PromptRules.claim(claimed, by: other, at: later, seconds: 60)
        #expect(taken.claim?.by == "rob")
        #expect(throws: ApprovalError.claimed(taken)) {
            try PromptRules.release(taken, by: reviewer, at: later)
        }
    }

    @Test func wherePeopleMustClaimNobodyDecidesWithout() throws {
        let prompt = prompt { $0.requiresClaim = true }
        #expect(error(prompt, decision(.approve, on: prompt)) == .claimRequired(prompt))
        let claimed = try PromptRules.claim(prompt, by: reviewer, at: now, seconds: 60)
        #expect(error(claimed, decision(.approve, on: claimed)) == nil)
    }

    @Test func anEditOfAToolCallReplacesItsArguments() throws {
        let prompt = prompt {
            $0.kind = .toolCall
            $0.responseSchema = nil
            $0.action = [
                "tool": "resize", "arguments": ["gb": 1],
                "arguments_schema": ["type": "object", "properties": ["gb": ["type": "integer", "maximum": 4]]],
            ]
        }
        let edit = decision(.edit, on: prompt, arguments: ["gb": 2])
        #expect(try PromptRules.decide(prompt, with: edit, by: reviewer, at: now).outcome?.arguments == ["gb": 2])
        let approve = decision(.approve, on: prompt)
        #expect(try PromptRules.decide(prompt, with: approve, by: reviewer, at: now).outcome?.arguments == ["gb": 1])
        guard case .invalid(let found) = error(prompt, decision(.edit, on: prompt, arguments: ["gb": 5])) else {
            Issue.record("Arguments that break their schema were taken.")
            return
        }
        #expect(found.map(\.pointer) == ["/arguments/gb"])
    }

    @Test func aQuestionIsCheckedBeforeItIsAsked() {
        let broken = prompt { draft in
            draft.title = ""
            draft.allowed = []
            draft.responseSchema = ["$dynamicRef": "#x"]
        }
        let pointers = PromptRules.violations(of: broken.draft).map(\.pointer)
        #expect(Set(pointers) == ["/title", "/allowed", "/response_schema"])
        #expect(PromptRules.violations(of: prompt().draft).isEmpty)
    }

    @Test func theDigestIsOfWhatIsShown() {
        let one = prompt()
        let two = prompt { $0.shown = ["proposal": ["n": 2]] }
        let same = prompt { $0.shown = ["proposal": ["n": 1.0]] }
        #expect(one.shownDigest.hasPrefix("sha256:"))
        #expect(one.shownDigest.count == 71)
        #expect(one.shownDigest != two.shownDigest)
        #expect(one.shownDigest == same.shownDigest)
    }
}
