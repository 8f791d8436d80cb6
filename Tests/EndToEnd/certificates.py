"""Certificates made for one test run with the openssl command."""

import subprocess


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.name = name
        self.file = folder / f"{name}.pem"
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", self.file,
        )

    def issue(self, name, *names, subject=None, days=2):
        """A certificate with subject alternative names; the paths of certificate and key."""
        certificate, key, request, extensions = (
            self.folder / f"{name}.{ending}" for ending in ("crt", "key", "csr", "ext")
        )
        extensions.write_text(f"subjectAltName={','.join(names)}\n" if names else "")
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", subject or f"/CN={name}", "-keyout", key, "-out", request,
        )
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.folder / f"{self.name}.key",
            "-CAcreateserial", "-days", str(days), "-extfile", extensions, "-out", certificate,
        )
        # The tests may run as root and the server's Postgres not; keys are of no value here.
        for file in (certificate, key):
            file.chmod(0o644)
        return certificate, key

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
