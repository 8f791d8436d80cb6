"""Full TLS 1.3 handshakes (P-256) per second of server CPU: python3 Benchmarks/tls_handshakes.py WSLAB.

The server has the first core, `openssl s_time` the second. Each connection is one handshake without resumption.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

SECONDS = 4
REPETITIONS = 5


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def handshakes(port):
    """How many the client managed."""
    client = ["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-new", "-time", str(SECONDS), "-tls1_3"]
    output = subprocess.run(["taskset", "-c", "1", *client], check=True, capture_output=True, text=True).stdout
    return int(re.search(r"(\d+) connections in \d+ real seconds", output)[1])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = f"{folder}/certificate.pem", f"{folder}/key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-out", certificate, "-keyout", key],
            check=True, capture_output=True,
        )
        server = subprocess.Popen(
            ["taskset", "-c", "0", sys.argv[1], "echo", "--port", "0", "--workers", "1", "--tls-cert", certificate,
             "--tls-key", key],
            stdout=subprocess.PIPE, text=True,
        )
        try:
            port = int(re.search(r":(\d+),", server.stdout.readline())[1])
            handshakes(port)
            rates = []
            for _ in range(REPETITIONS):
                before = cpu_seconds(server)
                count = handshakes(port)
                rates.append(count / (cpu_seconds(server) - before))
                print(f"{rates[-1]:,.0f} handshakes per second of server CPU", flush=True)
            print(f"median {statistics.median(rates):,.0f}")
        finally:
            server.kill()
            server.wait()


main()
