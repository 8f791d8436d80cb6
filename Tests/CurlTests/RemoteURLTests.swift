import Testing

@testable import Curl

struct RemoteURLTests {
    @Test(arguments: [
        ("https://example.org/a?b=c", "https", "example.org"), ("HTTPS://Example.ORG", "https", "Example.ORG"),
        ("http://0x7f.1/", "http", "127.0.0.1"), ("http://2130706433/", "http", "127.0.0.1"),
        ("https://[2001:db8::1]:8443/", "https", "2001:db8::1"),
    ])
    func hosts(_ text: String, _ scheme: String, _ host: String) throws {
        let url = try #require(RemoteURL(text))
        #expect(url.scheme == scheme && url.host == host)
        #expect(!url.hasCredentials && !url.hasFragment)
    }

    @Test(arguments: [
        "", "example.org", "/path", "https://", "https://a b/", "https://ex\u{E4}mple.org/", "https://a\n.b/",
    ])
    func noURL(_ text: String) { #expect(RemoteURL(text) == nil) }

    @Test func whatNoServerIsSentIsSeen() {
        #expect(RemoteURL("https://user:pw@example.org/")?.hasCredentials == true)
        #expect(RemoteURL("https://user@example.org/")?.hasCredentials == true)
        #expect(RemoteURL("https://example.org/#part")?.hasFragment == true)
    }
}
