// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// For the targets that run for every frame: their classes are confined to one loop, and a dynamic check of each access
/// to their fields is a tenth of the time of an echo. Debug builds, and so all tests, keep the checks.
let hotSettings =
    settings + [
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
    ]

/// A target of ours with its tests. Its macros are for the compiler, so that the tests are not linked with them. The order
/// of the floors is checked by `Tests/FloorsTests`.
func module(
    _ name: String,
    on dependencies: [Target.Dependency] = [],
    macros: [Target.Dependency] = [],
    tests: [Target.Dependency] = [],
    resources: [Resource] = [],
    settings: [SwiftSetting] = settings
) -> [Target] {
    [
        .target(
            name: name,
            dependencies: ["Locking"] + dependencies + macros,
            resources: resources,
            swiftSettings: settings
        ),
        .testTarget(
            name: name + "Tests",
            dependencies: [.byName(name: name), "Locking", "PropertySupport"] + dependencies + tests,
            swiftSettings: settings
        ),
    ]
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// What a macro reads and writes code with.
let syntax: [Target.Dependency] = ["SwiftDiagnostics", "SwiftSyntax", "SwiftSyntaxBuilder", "SwiftSyntaxMacros"].map {
    .product(name: $0, package: "swift-syntax")
}

let package = Package(
    name: "signalbox",
    products: [.executable(name: "signalbox", targets: ["signalbox"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swiftlang/swift-syntax", from: "603.0.1"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .target(name: "Locking", swiftSettings: settings),
        .target(name: "FlowRules", swiftSettings: settings),
        .testTarget(name: "FlowRulesTests", dependencies: ["FlowRules", "PropertySupport"], swiftSettings: settings),
        .target(name: "FlowExpansion", dependencies: ["FlowRules"] + syntax, swiftSettings: settings),
        .macro(
            name: "FlowMacros",
            dependencies: [
                "FlowExpansion", .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
            ] + syntax,
            swiftSettings: settings
        ),
        .testTarget(
            name: "FlowExpansionTests",
            dependencies: [
                "FlowExpansion", .product(name: "SwiftParser", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacroExpansion", package: "swift-syntax"),
            ] + syntax,
            swiftSettings: settings
        ),
        // What runs flows does without it, so that it is compiled without a compiler's plugin.
        .target(
            name: "FlowTypes",
            dependencies: ["Approvals", "Domain", "Flows", "FlowMacros"],
            swiftSettings: settings
        ),
        .target(name: "CLinux"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CPlugins"),
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CURing", linkerSettings: [.linkedLibrary("uring")]),
        .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // Without pkg-config, whose -D_FILE_OFFSET_BITS=64 SwiftPM warns of.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .target(name: "PropertySupport", path: "Tests/PropertySupport", swiftSettings: settings),
        .target(
            name: "JSONSupport",
            dependencies: ["JSON", "PropertySupport"],
            path: "Tests/JSONSupport",
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Domain", "JSON", "Locking", "Persistence", "Postgres", "Reactor"],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .target(
            name: "StreamsModel",
            dependencies: ["Domain", "JSON", "JSONSupport", "Ledger", "PropertySupport", "Streams"],
            path: "Tests/StreamsModel",
            swiftSettings: settings
        ),
        .target(
            name: "FlowsModel",
            dependencies: ["Approvals", "Domain", "Flows", "JSON", "Ledger", "PropertySupport", logging],
            path: "Tests/FlowsModel",
            swiftSettings: settings
        ),
        .target(
            name: "FlowSupport",
            dependencies: [
                "Approvals", "Domain", "Flows", "JSON", "Ledger", "Locking", "Persistence", "Reactor", "TestSupport",
            ],
            path: "Tests/FlowSupport",
            swiftSettings: settings
        ),
    ]
        + module("JSON", tests: ["JSONSupport"])
        + module("JSONSchema", on: ["JSON"])
        + module("HTTP", on: ["CZlib", httpTypes])
        + module("WebSocket", on: ["CZlib", "HTTP", httpTypes], settings: hotSettings)
        + module("Discovery")
        + module("Reactor", on: ["CLinux", "COpenSSL", "CURing", deque], settings: hotSettings)
        + module("Domain", on: ["JSON"])
        + module("Plugins", on: ["CPlugins"])
        + module("Events", on: ["Domain", "JSON", deque], tests: ["Reactor", "TestSupport"])
        + module(
            "Server",
            on: ["HTTP", "Reactor", "WebSocket", httpTypes, logging],
            tests: ["TestSupport"],
            settings: hotSettings
        )
        + module("Postgres", on: ["CPQ", "Reactor"], tests: ["TestSupport"])
        + module("Curl", on: ["CCurl", "CLinux", "Reactor"], tests: ["HTTP", "TestSupport"])
        + module("Redis", on: ["CHiredis", "HTTP", "Reactor"], tests: ["TestSupport"])
        + module(
            "Persistence",
            on: ["Domain", "Events", "JSON", "Postgres", "Reactor"],
            tests: ["TestSupport"],
            resources: [.embedInCode("Migrations")]
        )
        + module("Identity", on: ["CArgon2", "Domain", "JSON", "Reactor", crypto, jwt], tests: ["TestSupport"])
        + module(
            "Ledger",
            on: ["Domain", "JSON", deque],
            tests: ["Approvals", "Flows", "FlowSupport", "Persistence", "Postgres", "Reactor", "TestSupport"]
        )
        + module(
            "Approvals",
            on: ["Domain", "JSON", "JSONSchema", "Ledger", crypto],
            tests: ["Flows", "FlowSupport", "TestSupport"]
        )
        + module(
            "Streams",
            on: ["Domain", "JSON", "Ledger", "Reactor", deque],
            tests: ["Approvals", "Flows", "FlowSupport", "Persistence", "Postgres", "StreamsModel", "TestSupport"]
        )
        + module(
            "Relay",
            on: ["Domain", "JSON", "Ledger", "Redis"],
            tests: [
                "Approvals", "Flows", "FlowSupport", "JSONSupport", "Persistence", "Reactor", "Streams", "TestSupport",
            ]
        )
        + module(
            "Webhooks",
            on: ["Curl", "Domain", "Events", "HTTP", "JSON", "Reactor", crypto, logging],
            tests: ["Flows", "FlowSupport", "Ledger", "Persistence", "Postgres", "TestSupport"]
        )
        + module(
            "Flows",
            on: ["Approvals", "Domain", "Events", "FlowRules", "JSON", "Ledger", "Plugins", deque, logging],
            tests: ["flowlab", "FlowSupport", "FlowTypes", "FlowsModel", "TestSupport"]
        )
        + module(
            "Agents",
            on: ["Approvals", "Domain", "Flows", "JSON", "JSONSchema", "Plugins"],
            macros: ["FlowMacros"],
            tests: ["FlowSupport", "FlowTypes", "Ledger", "Postgres", "TestSupport"]
        )
        + module(
            "DiscoveryFlow",
            on: ["Agents", "Approvals", "Discovery", "Domain", "Events", "Flows", "FlowTypes", "JSON"],
            tests: ["FlowSupport", "Ledger", "TestSupport", crypto]
        )
        + module(
            "Gateway",
            on: [
                "Agents", "Approvals", "Domain", "Flows", "HTTP", "Identity", "JSON", "JSONSchema", "Ledger", "Reactor",
                "Server", "Streams", "WebSocket", "Webhooks", crypto, deque, httpTypes, logging,
            ],
            tests: ["CZlib", "Curl", "Events", "TestSupport"]
        )
        + [
            .executableTarget(
                name: "signalbox",
                dependencies: [
                    "Agents", "Approvals", "Discovery", "DiscoveryFlow", "Domain", "Events", "Flows", "Gateway", "HTTP",
                    "Identity", "JSON",
                    "Ledger", "Locking", "Persistence", "Postgres", "Reactor", "Redis", "Relay", "Server", "Streams",
                    "WebSocket", "Webhooks",
                    argumentParser, configuration, logging,
                ],
                swiftSettings: settings
            ),
            .executableTarget(
                name: "wslab",
                dependencies: [
                    "HTTP", "Locking", "Reactor", "Server", "WebSocket", argumentParser, httpTypes, logging,
                ],
                swiftSettings: settings
            ),
            .executableTarget(
                name: "bench",
                dependencies: ["HTTP", "JSON", "WebSocket"],
                path: "Benchmarks/bench",
                swiftSettings: settings
            ),
            .executableTarget(
                name: "commits",
                dependencies: [
                    "Domain", "Flows", "JSON", "Ledger", "Locking", "Persistence", "Postgres", "Reactor",
                    argumentParser,
                ],
                path: "Benchmarks/commits",
                swiftSettings: settings
            ),
            .executableTarget(
                name: "steps",
                dependencies: [
                    "Approvals", "Domain", "Flows", "JSON", "Ledger", "Locking", "Persistence", "Postgres", "Reactor",
                    argumentParser,
                ],
                path: "Benchmarks/steps",
                swiftSettings: settings
            ),
            .executableTarget(
                name: "flowlab",
                dependencies: [
                    "Domain", "Flows", "FlowsModel", "JSON", "Ledger", "Locking", "Persistence", "Postgres", "Reactor",
                    argumentParser,
                ],
                path: "Tests/FlowLab",
                swiftSettings: settings
            ),
            .executableTarget(
                name: "soak",
                dependencies: ["FlowsModel", "JSON", "JSONSupport", "StreamsModel", argumentParser],
                path: "Tests/Soak",
                swiftSettings: settings
            ),
            .testTarget(
                name: "signalboxTests",
                dependencies: [
                    "signalbox", "Domain", "Identity", "JSON", "Persistence", "Postgres", "Reactor", "TestSupport",
                    argumentParser,
                ],
                swiftSettings: settings
            ),
            .testTarget(name: "FloorsTests", swiftSettings: settings),
        ]
)

// The fuzz targets have the fuzzer's `main` and are built by scripts/fuzz only.
if Context.environment["SIGNALBOX_FUZZ"] != nil {
    let names = ["FuzzHTTP", "FuzzChunks", "FuzzWebSocket", "FuzzInflate", "FuzzHandshake"]
    package.targets.append(
        .target(name: "FuzzSupport", dependencies: ["HTTP"], path: "Tests/Fuzz/FuzzSupport", swiftSettings: settings)
    )
    package.targets += names.map { name in
        .executableTarget(
            name: name,
            dependencies: ["FuzzSupport", "HTTP", "WebSocket", httpTypes],
            path: "Tests/Fuzz/\(name)",
            swiftSettings: settings
        )
    }
    package.products += names.map { .executable(name: $0, targets: [$0]) }
}
