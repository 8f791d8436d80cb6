/// Where else to listen than on host and port.
extension Setting {
    static let tcp = Setting(
        "tcp",
        .choice(\.tcp, ["on", "off"]),
        "Whether to listen on host and port; off leaves unix_socket only."
    )
    static let unixSocket = Setting(
        "unix_socket",
        .socketPath(\.unixSocket),
        "A Unix socket to listen on as well. Sockets passed on by systemd replace all of these."
    )
    static let unixSocketMode = Setting(
        "unix_socket_mode",
        .choice(\.unixSocketMode, ["0600", "0660", "0666"]),
        "Who may connect to the Unix socket: owner, group too, everybody."
    )

    /// In the order in which they are shown.
    static let listening: [Setting] = [tcp, unixSocket, unixSocketMode]
}
