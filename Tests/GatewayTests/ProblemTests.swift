import Approvals
import Domain
import Flows
import HTTP
import HTTPTypes
import Identity
import JSON
import Ledger
import Server
import Streams
import Testing

@testable import Gateway

struct ProblemTests {
    private struct Secretive: Error, CustomStringConvertible {
        let description = "SELECT password FROM users"
    }

    @Test func errorsOfTheFloorsBelowHaveTheirCodes() {
        let table: [(any Error, ProblemCode)] = [
            (LedgerError.noSuchFlow, .notFound), (ApprovalError.notFound, .notFound),
            (AttachError.noSuchStream, .notFound), (LedgerError.conflict, .conflict),
            (LedgerError.moved(seq: 7), .preconditionFailed), (LedgerError.flowHasEnded(.failed), .flowHasEnded),
            (LedgerError.stateTooLarge(bytes: 2, limit: 1), .contentTooLarge), (ApprovalError.forbidden, .forbidden),
            (ApprovalError.idempotencyMismatch, .idempotencyMismatch), (FlowError.nativeFlow, .nativeFlow),
            (FlowError.unknownType("x"), .unknownFlowType), (FlowDefinitionError.noStart, .internalError),
            (JSONError.unexpectedEnd(offset: 3), .malformedJSON), (StoreError.unavailable("x"), .unavailable),
            (StoreError.unknownOutcome("x"), .unknownOutcome), (StoreError.duplicate("x"), .conflict),
            (StoreError.failed(sqlState: "42601", message: "x"), .internalError), (AuthError.busy, .busy),
            (AuthError.sessionEnded, .sessionEnded), (AuthError.invalidToken(.expired), .tokenExpired),
            (AuthError.invalidToken(.badSignature), .invalidToken),
            (BodyError.invalid(.limitExceeded(.body, limit: 5)), .contentTooLarge),
            (HTTPError.malformed(.percentEncoding), .badRequest),
            (HTTPError.unsupportedVersion, .httpVersionNotSupported),
            (Secretive(), .internalError),
        ]
        for (error, code) in table { #expect(Problem(error).code == code, "\(error)") }
    }

    @Test func aFaultOfOursSaysNothingMore() {
        for error in [Secretive(), StoreError.failed(sqlState: "42601", message: "near users")] as [any Error] {
            let problem = Problem(error)
            #expect(
                problem.json == [
                    "type": "/docs#internal_error", "title": "The server failed", "status": 500,
                    "code": "internal_error",
                ]
            )
        }
    }

    @Test func fieldsGoWithTheirStatus() {
        #expect(Problem(StoreError.unavailable("x")).headers[.retryAfter] == "1")
        #expect(Problem(AuthError.tooManyAttempts(retryAfter: 9)).headers[.retryAfter] == "9")
        #expect(Problem(AuthError.sessionEnded).headers[.wwwAuthenticate] == #"Bearer realm="signalbox""#)
        #expect(Problem(AuthError.invalidToken(.expired)).headers[.wwwAuthenticate]?.contains("invalid_token") == true)
    }

    @Test func aPatchErrorNamesTheOperation() throws {
        let patch = try JSONPatch(json: [["op": "add", "path": "/a", "value": 1], ["op": "remove", "path": "/b"]])
        do {
            _ = try patch.apply(to: [:])
            Issue.record("applied")
        } catch {
            let json = Problem(error).json
            #expect(json["index"] == 1 && json["path"] == "/b" && json["errors"]?[0]?["pointer"] == "/1")
        }
    }
}
