"""The port with a certificate of its own."""

import http.client
import json
import ssl
import subprocess
import unittest
from pathlib import Path

from world import BINARY, World


def certificate(folder, name):
    """A key, and a certificate that it signed for 127.0.0.1."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=freshet", "-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"],
        check=True,
        capture_output=True,
    )


class Encrypted(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__)
        self.settings = Path(self.world.folder, "freshet.yaml")
        self.text = self.settings.read_text()
        for name in ("own", "other"):
            certificate(self.world.folder, name)

    def state(self, certificate, key):
        tls = f"\nserver:\n  tls: {{certificate: {certificate}, key: {key}}}\n"
        self.settings.write_text(self.text + tls)

    def connect(self, version=None):
        context = ssl.create_default_context(cafile=self.world.folder + "/own.pem")
        if version:
            context.minimum_version = context.maximum_version = version
        return http.client.HTTPSConnection(self.world.base, timeout=30, context=context)

    def test_requests_are_answered_over_tls_and_in_no_other_way(self):
        self.state("own.pem", "own.key")
        self.world.land("dbt-1")
        self.world.start()
        connection = self.connect()
        connection.request("GET", "/api/v1/board", headers={"Authorization": f"Bearer {self.world.token}"})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertIn("max-age=", answer.headers["Strict-Transport-Security"])
        self.assertIn("assets", json.loads(answer.read()))
        self.assertTrue(self.world.freshet("ui").startswith("https://"))

        link = self.world.freshet("ui").split("#token=")[1].split()[0]
        body = json.dumps({"method": "link", "token": link})
        connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        entered = connection.getresponse()
        self.assertEqual(entered.status, 200)
        self.assertIn("Secure", entered.headers["Set-Cookie"])
        self.assertTrue(entered.headers["Set-Cookie"].startswith("__Host-"))
        connection.close()

        with self.assertRaises((http.client.HTTPException, OSError)):
            self.world.get("/healthz")
        with self.assertRaises(OSError):
            self.connect(ssl.TLSVersion.TLSv1_1).connect()

    def refused(self, certificate, key):
        self.state(certificate, key)
        done = subprocess.run(
            [BINARY, "up", *self.world.options],
            cwd=self.world.folder,
            env=self.world.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertNotIn("PRIVATE KEY", done.stderr)
        return done.stderr

    def test_what_is_wrong_with_the_files_is_said_at_their_line(self):
        for certificate, key, words in (
            ("own.pem", "other.key", "'other.key' is not the key of the first certificate"),
            ("own.key", "own.key", "'own.key' has no certificate in PEM"),
            ("own.pem", "own.pem", "'own.pem' has no private key in PEM"),
            ("nothing.pem", "own.key", "'nothing.pem' cannot be read"),
        ):
            text = self.refused(certificate, key)
            self.assertIn(words, text)
            self.assertIn("freshet.yaml:", text)


if __name__ == "__main__":
    unittest.main()
