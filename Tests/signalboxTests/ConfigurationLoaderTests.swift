import Testing

@testable import signalbox

struct ConfigurationLoaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(
        flags: [(setting: Setting, value: String)] = [],
        environment: [String: String] = [:],
        file: String? = nil,
        yaml: String? = nil,
        aliases: [(variable: String, setting: Setting)] = []
    ) throws -> LoadedConfiguration {
        if let yaml { try folder.write(yaml, to: file ?? ConfigurationLoader.standardFile) }
        return try ConfigurationLoader(
            flags: flags,
            environment: environment,
            file: file,
            aliases: aliases,
            workingDirectory: folder.path
        ).load()
    }

    @Test func nothingGivenIsTheDefault() throws {
        let loaded = try load()
        #expect(loaded.settings.port == 8080)
        #expect(loaded.settings.maximumUploadSize == 100 << 20)
        #expect(loaded.source(of: .port) == .standard)
        #expect(loaded.warnings.isEmpty)
    }

    @Test func flagsOverEnvironmentOverAliasOverFile() throws {
        let yaml = "port: 1001\n"
        let alias = [(variable: "PORT", setting: Setting.port)]
        let file = try load(yaml: yaml)
        #expect(file.settings.port == 1001)
        #expect(file.source(of: .port) == .file("signalbox.yaml"))
        let aliased = try load(environment: ["PORT": "1002"], yaml: yaml, aliases: alias)
        #expect(aliased.settings.port == 1002)
        #expect(aliased.source(of: .port) == .environment("PORT"))
        let environment = ["PORT": "1002", "SIGNALBOX_PORT": "1003"]
        let named = try load(environment: environment, yaml: yaml, aliases: alias)
        #expect(named.settings.port == 1003)
        #expect(named.source(of: .port) == .environment("SIGNALBOX_PORT"))
        let flag = try load(flags: [(.port, "1004")], environment: environment, yaml: yaml, aliases: alias)
        #expect(flag.settings.port == 1004)
        #expect(flag.source(of: .port) == .flag("port"))
    }

    @Test func anUnusableRedisURLIsNamedAndNotRepeated() throws {
        let good = ["SIGNALBOX_REDIS_URL": "redis://me:hush@cache"]
        #expect(try load(environment: good).settings.redisURL == "redis://me:hush@cache")
        let failure = #expect(throws: Failure.self) {
            try load(environment: ["SIGNALBOX_REDIS_URL": "redis://me:hush@cache:0"])
        }
        #expect(
            failure
                == Failure(
                    .configuration,
                    "redis_url (from SIGNALBOX_REDIS_URL) cannot be used: the port must be 1 to 65535."
                )
        )
        #expect(throws: Failure(.configuration, "redis_url (from --redis-url) cannot be used: \(noTLS).")) {
            try load(flags: [(.redisURL, "rediss://:hush@cache")])
        }
    }

    private let noTLS = "rediss is not supported: Redis is spoken to without TLS"

    @Test func listsInEveryPlace() throws {
        let expected = ["https://a.example", "https://b.example"]
        let yaml = "allowed_origins:\n  - https://a.example\n  - https://b.example\n"
        #expect(try load(yaml: yaml).settings.allowedOrigins == expected)
        let joined = "https://a.example, https://b.example"
        let environment = ["SIGNALBOX_ALLOWED_ORIGINS": joined]
        #expect(try load(environment: environment).settings.allowedOrigins == expected)
        #expect(try load(flags: [(.allowedOrigins, joined)]).settings.allowedOrigins == expected)
    }

    @Test func addressesAreAListToo() throws {
        #expect(try load().settings.limits.unlimitedAddresses == ["127.0.0.0/8", "::1"])
        #expect(try load(yaml: "unlimited_addresses: []\n").settings.limits.unlimitedAddresses == [])
        let environment = ["SIGNALBOX_UNLIMITED_ADDRESSES": "10.0.0.0/8, fd00::/8"]
        #expect(try load(environment: environment).settings.limits.unlimitedAddresses == ["10.0.0.0/8", "fd00::/8"])
    }

    @Test func aSocketPathIsNotTooLong() throws {
        #expect(try load(yaml: "unix_socket: /run/signalbox.sock\n").settings.unixSocket == "/run/signalbox.sock")
        let failure = #expect(throws: Failure.self) {
            try load(yaml: "unix_socket: /\(String(repeating: "x", count: 107))\n")
        }
        #expect(failure?.sentence.contains("at most 107 bytes") == true)
    }

    @Test func unknownKeysAreNamed() throws {
        let loaded = try load(
            environment: ["SIGNALBOX_PROT": "1", "PATH": "/bin"],
            yaml: "prot: 1\nhttp:\n  port: 2\nport: 3\n"
        )
        #expect(loaded.settings.port == 3)
        #expect(loaded.warnings.count == 3)
        for name in ["SIGNALBOX_PROT", "prot", "http.port"] {
            #expect(loaded.warnings.contains { $0.contains(" \(name) ") }, "no warning names \(name)")
        }
    }

    @Test func emptyMeansNotSet() throws {
        #expect(try load(environment: ["SIGNALBOX_PORT": ""], yaml: "host:\n").settings.port == 8080)
        #expect(try load(yaml: "# nothing\n\n").settings.host == "127.0.0.1")
    }

    @Test(arguments: [
        ("port: 65536", "port is \"65536\" (from signalbox.yaml); it must be 0 to 65535."),
        ("port: many", "port is \"many\" (from signalbox.yaml); it must be 0 to 65535."),
        ("port: [1, 2]", "port (from signalbox.yaml) must be one value, not a list."),
        ("idle_timeout: 2h", "idle_timeout is \"2h\" (from signalbox.yaml); it must be 1s to 1h."),
        ("max_body_bytes: 1", "max_body_bytes is \"1\" (from signalbox.yaml); it must be 1KiB to 64MiB."),
        ("host: localhost", "host is \"localhost\" (from signalbox.yaml); it must be a numeric IPv4 or IPv6 address."),
        (
            "unlimited_addresses: [10.0.0.0/8, proxy]",
            "unlimited_addresses is \"proxy\" (from signalbox.yaml); it must be numeric addresses and CIDR blocks."
        ),
        ("unix_socket_mode: 0777", "unix_socket_mode is \"0777\" (from signalbox.yaml); it must be 0600, 0660, 0666."),
        ("jwt_secret: hush", "jwt_secret is 4 bytes long (from signalbox.yaml); it must be at least 32 bytes."),
    ])
    func refusalsNameKeyValueLimitAndSource(_ yaml: String, _ sentence: String) {
        #expect(throws: Failure(.configuration, sentence)) { try load(yaml: yaml) }
    }

    @Test(arguments: ["- a\n- b\n", "port: {\n", "just text\n"])
    func refusesFilesThatAreNoMapping(_ yaml: String) {
        let failure = #expect(throws: Failure.self) { try load(yaml: yaml) }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.contains("signalbox.yaml") == true)
        #expect(failure?.sentence.contains("\n") == false)
    }

    @Test func aNamedFileMustExist() {
        let failure = #expect(throws: Failure.self) { try load(file: "absent.yaml") }
        #expect(failure?.sentence.contains("absent.yaml") == true)
        #expect(throws: Failure.self) { try load(environment: ["SIGNALBOX_CONFIG": "absent.yaml"]) }
    }
}
