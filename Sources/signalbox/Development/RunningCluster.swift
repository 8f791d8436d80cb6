import Glibc

/// A private Postgres that accepts connections.
struct RunningCluster {
    enum Process {
        /// Started by us.
        case child(ChildProcess)
        /// Left running by an earlier process.
        case adopted(pid_t)
    }

    let location: ClusterLocation
    let process: Process

    /// Whether it has ended although nobody stopped it.
    var hasEnded: Bool {
        switch process {
        case .child(let child): child.poll() != nil
        case .adopted(let id): kill(id, 0) != 0
        }
    }

    /// Ends it: fast shutdown (connections are cut, everything is written), and after 3 s the immediate one, which the
    /// next start recovers from.
    func stop() {
        end()
        // A socket folder under /tmp is ours alone; it is made again by the next start.
        if location.socket != location.root + "/socket" { rmdir(location.socket) }
    }

    private func end() {
        let id: pid_t
        switch process {
        case .child(let child): id = child.id
        case .adopted(let adopted): id = adopted
        }
        for (signal, patience) in [(SIGINT, 300), (SIGQUIT, 100)] {
            kill(id, signal)
            for _ in 0..<patience {
                if hasEnded { return }
                usleep(10_000)
            }
        }
    }
}
