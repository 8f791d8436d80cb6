import Identity
import Testing

struct SecretTests {
    private struct Holder {
        let name = "holder"
        let secret = Secret("hunter2")
        let bytes = Secret(Array("hunter2".utf8))
    }

    @Test func nothingThatPrintsShowsIt() {
        let holder = Holder()
        var dumped = ""
        dump(holder, to: &dumped)
        let texts = [
            "\(holder.secret)", "\(holder)", String(reflecting: holder.secret), String(reflecting: holder),
            String(describing: Optional(holder.secret)), "\([holder.secret])", dumped,
        ]
        for text in texts {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"), "the first byte of the secret, as a number")
            #expect(text.contains("<redacted>") || text == dumped)
        }
        #expect(holder.secret.reveal() == "hunter2")
    }

    @Test func aSigningKeyAndAConfigurationDoNotShowTheirSecret() throws {
        let secret = String(repeating: "s3cr3t!!", count: 4)
        let key = try SigningKey(id: "k", secret: Secret(Array(secret.utf8)))
        let configuration = try IdentityConfiguration(signingKey: key)
        for text in ["\(key)", "\(configuration)", String(reflecting: configuration)] {
            #expect(!text.contains("s3cr3t"))
            #expect(!text.contains("115, 51"))
        }
    }
}
