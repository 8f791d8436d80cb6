import Reactor
import Testing

@testable import Redis

struct ConfigurationTests {
    @Test(arguments: [
        ("redis://127.0.0.1", "127.0.0.1:6379", nil, nil),
        ("redis://cache", "cache:6379", nil, nil),
        ("redis://cache_1.example:6380/", "cache_1.example:6380", nil, nil),
        ("redis://cache/0", "cache:6379", nil, nil),
        ("redis://[::1]", "[::1]:6379", nil, nil),
        ("redis://[::1]:1", "[::1]:1", nil, nil),
        ("redis://:hush@cache", "cache:6379", nil, "hush"),
        ("redis://me:hush@cache:65535", "cache:65535", "me", "hush"),
        ("redis://me:h:u@sh@cache", "cache:6379", "me", "h:u@sh"),
        ("redis://m%65:%2Fhush%C3%A9@cache", "cache:6379", "me", "/hushé"),
        ("unix:///run/redis.sock", "unix:/run/redis.sock", nil, nil),
        ("unix://me:hush@/run/redis.sock", "unix:/run/redis.sock", "me", "hush"),
    ])
    func urlsAreRead(url: String, place: String, user: String?, password: String?) throws {
        let configuration = try RedisConfiguration(url)
        #expect(configuration.description == place)
        #expect(configuration.user == user)
        #expect(configuration.password == password)
    }

    @Test(arguments: [
        ("", "it must be redis://"),
        ("cache:6379", "it must be redis://"),
        ("http://cache", "it must be redis://"),
        ("rediss://hush@cache", "rediss is not supported"),
        ("redis://", "the host must be"),
        ("redis://:hush@", "the host must be"),
        ("redis://a b", "the host must be"),
        ("redis://[hush]", "the host must be"),
        ("redis://[::1", "lacks its ]"),
        ("redis://[::1]hush", "only a port"),
        ("redis://cache:", "the port must be 1 to 65535"),
        ("redis://cache:0", "the port must be 1 to 65535"),
        ("redis://cache:65536", "the port must be 1 to 65535"),
        ("redis://cache:+1", "the port must be 1 to 65535"),
        ("redis://cache/hush", "nothing but a database number"),
        ("redis://cache/0?hush=1", "nothing but a database number"),
        ("redis://hush@cache", "user:password"),
        ("redis://hush:@cache", "user:password"),
        ("redis://:hush%@cache", "hexadecimal"),
        ("redis://:hush%4@cache", "hexadecimal"),
        ("redis://:hush%ff@cache", "hexadecimal"),
        ("unix://hush.sock", "the path must begin"),
        ("unix:///" + String(repeating: "a", count: 200), "at most 107 bytes"),
    ])
    func othersAreRefusedWithoutRepeatingThem(url: String, complaint: String) throws {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url) }
        guard case .invalidURL(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains(complaint))
        #expect(!reason.contains("hush"))
    }

    @Test func thePasswordIsInNoDescription() throws {
        let configuration = try RedisConfiguration("redis://me:hush@cache")
        #expect(!"\(configuration) \(String(reflecting: configuration))".contains("hush"))
    }
}
