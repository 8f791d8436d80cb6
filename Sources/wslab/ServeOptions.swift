import ArgumentParser
import HTTP
import Logging
import Reactor
import Server
import WebSocket

/// Where to listen, and the limits. The defaults let Autobahn's largest cases pass.
struct ServeOptions: ParsableArguments {
    @Option(help: "The numeric address to listen on.") var host = "127.0.0.1"
    @Option(help: "The port to listen on; 0 takes any free one, which is printed.") var port: UInt16 = 9001
    @Option(help: "Event loops; 0 means one for each processor the process may use.") var workers = 0
    @Option(help: "The largest WebSocket message and HTTP content, in bytes.") var maxMessage = 16 << 20
    @Option(help: "The largest frame, in bytes.") var maxFrame = 16 << 20
    @Option(help: "The most frames of one message.") var maxFragments = 70_000
    @Option(help: "Frames of one connection per second; 0 means any number.") var maxFramesPerSecond = 0
    @Option(help: "The most open connections.") var maxConnections = 100_000
    @Option(help: "Bytes that may wait for one peer.") var writeBudget = 16 << 20

    @Option(help: "Speak TLS with this certificate chain (PEM); wants --tls-key.") var tlsCert: String?
    @Option(help: "The private key of --tls-cert (PEM).") var tlsKey: String?
    @Option(help: "The oldest TLS version: 1.2 or 1.3.") var tlsMinVersion = "1.3"
    @Flag(help: "Compress messages (permessage-deflate) for clients that offer it.") var deflate = false
    @Flag(help: "With --deflate: keep windows from message to message where the client agrees.") var deflateContext =
        false
    @Option(help: "With --deflate: zlib's level, 1 to 9.") var deflateLevel = 1
    @Flag(help: "Send one thing to many through io_uring, where the kernel offers it.") var ioUring = false

    func validate() throws {
        for (name, value) in [
            ("max-message", maxMessage), ("max-frame", maxFrame), ("max-fragments", maxFragments),
            ("max-connections", maxConnections), ("write-budget", writeBudget),
        ] where value < 1 {
            throw ValidationError("--\(name) is \(value); it must be 1 at least.")
        }
        guard maxFramesPerSecond >= 0 else {
            throw ValidationError("--max-frames-per-second is \(maxFramesPerSecond); it must be 0 at least.")
        }
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key go together.")
        }
        guard TLSConfiguration.Version(rawValue: tlsMinVersion) != nil else {
            throw ValidationError("--tls-min-version is \"\(tlsMinVersion)\"; it must be 1.2 or 1.3.")
        }
        guard (1...9).contains(deflateLevel) else {
            throw ValidationError("--deflate-level is \(deflateLevel); it must be 1 to 9.")
        }
        guard (0...256).contains(workers) else {
            throw ValidationError("--workers is \(workers); it must be 0 to 256.")
        }
        guard SocketAddress(host: host, port: port) != nil else {
            throw ValidationError("--host is \"\(host)\"; it must be a numeric IPv4 or IPv6 address.")
        }
    }

    /// Nil without --tls-cert.
    func tls() throws -> TLSServer? {
        guard let tlsCert, let tlsKey else { return nil }
        var tls = TLSConfiguration(identities: [.init(certificateFile: tlsCert, keyFile: tlsKey)])
        if let version = TLSConfiguration.Version(rawValue: tlsMinVersion) { tls.minimumVersion = version }
        do {
            return try TLSServer(tls)
        } catch {
            throw ValidationError(error.description)
        }
    }

    var deflatePolicy: DeflatePolicy {
        var policy = DeflatePolicy()
        policy.level = deflateLevel
        policy.keepsServerContext = deflateContext
        policy.keepsClientContext = deflateContext
        return policy
    }

    func configuration() throws -> ServerConfiguration {
        var configuration = ServerConfiguration(logger: Logger(label: "wslab"))
        configuration.http.body = maxMessage
        configuration.webSocket.frameBytes = maxFrame
        configuration.webSocket.messageBytes = maxMessage
        configuration.webSocket.fragments = maxFragments
        configuration.maximumFramesPerSecond = maxFramesPerSecond
        configuration.tls = try tls()
        configuration.deflate = deflate ? deflatePolicy : nil
        configuration.maximumConnections = maxConnections
        configuration.writeBudget = writeBudget
        return configuration
    }
}
