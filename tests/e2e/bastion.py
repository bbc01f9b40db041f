"""A real sshd with keys of its own, and servers behind it that answer as Prefect and Marquez do; on loopback, or in networks of their own.

`python bastion.py ADDRESS PORT` is such a server.
The servers are stand-ins: they answer /api/health and /api/v1/namespaces with the bodies of the real ones, and nothing else.
"""
import http.server
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", ""))
ANSWERS = {"/api/health": b"true", "/api/v1/namespaces": b'{"namespaces":[{"name":"default"}]}'}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(what, seconds=20):
    """Wait until what() is true; returns it."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.05)


def listens(port, address="127.0.0.1"):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex((address, port)) == 0


class Service:
    """An HTTP server on a free port of loopback that answers `answers`; all else is 404."""

    def __init__(self, answers=None, status=200, address="127.0.0.1", port=0, date=None):
        chosen = ANSWERS if answers is None else answers

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = chosen.get(self.path)
                self.send_response(status if body is not None else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def date_time_string(self, timestamp=None):
                return date or super().date_time_string(timestamp)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def keygen(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], check=True)


class Bastion:
    """sshd in the foreground, as this user, under `folder`; nothing of the system's accounts changes."""

    def __init__(self, folder, inside=(), address="127.0.0.1", **config):
        self.folder, self.inside, self.config, self.process = folder, list(inside), {"ListenAddress": address, **config}, None
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # sshd demands its privilege separation directory
        self.key, self.log = folder / "id", folder / "sshd.log"
        keygen(self.key)
        keygen(folder / "host_key")
        shutil.copy(folder / "id.pub", folder / "authorized_keys")
        self.port = free_port()
        self.start()

    def start(self):
        before = len(self.log.read_text()) if self.log.exists() else 0
        lines = {"Port": self.port, "HostKey": self.folder / "host_key", "PidFile": "none",
                 "AuthorizedKeysFile": self.folder / "authorized_keys", "AuthenticationMethods": "publickey",
                 "PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no", "UsePAM": "no", "UseDNS": "no",
                 "StrictModes": "no", "PermitRootLogin": "prohibit-password", "AllowTcpForwarding": "local", "MaxStartups": "200:30:300",
                 "LogLevel": "VERBOSE", **self.config}
        path = self.folder / "sshd_config"
        path.write_text("".join(f"{key} {value}\n" for key, value in lines.items()))
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([*self.inside, SSHD, "-D", "-e", "-f", path], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)
        assert wait_until(lambda: "Server listening on" in self.log.read_text()[before:]), self.log.read_text()

    def connections(self):
        """The processes of sshd that serve somebody."""
        out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], stdout=subprocess.PIPE, text=True).stdout
        return [int(pid) for pid in out.split()]

    def cut(self):
        """Break all connections off."""
        for pid in self.connections():
            os.kill(pid, 9)

    def stop(self):
        if self.process:
            self.cut()
            self.process.kill()
            self.process.wait()
            self.cut()
            self.process = None

    def host_key(self):
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    def fingerprint(self):
        out = subprocess.run(["ssh-keygen", "-l", "-f", self.folder / "host_key.pub"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return re.search(r"SHA256:\S+", out)[0]


class Networks:
    """Hosts with networks of their own: client -- bastion -- prefect, marquez. The client has no way but through the bastion, and
    only the bastion knows the names of the others."""

    def __init__(self, name):
        self.hosts = {host: f"{name}-{host}" for host in ("client", "bastion", "prefect", "marquez")}
        self.children = []
        for space in self.hosts.values():
            self.ip("netns", "add", space)
            self.ip("-n", space, "link", "set", "lo", "up")
        for i, host in enumerate(("client", "prefect", "marquez"), 1):
            self.ip("-n", self.hosts[host], "link", "add", "up0", "type", "veth", "peer", "name", host, "netns", self.hosts["bastion"])
            self.ip("-n", self.hosts[host], "addr", "add", f"10.77.{i}.2/24", "dev", "up0")
            self.ip("-n", self.hosts["bastion"], "addr", "add", f"10.77.{i}.1/24", "dev", host)
            self.ip("-n", self.hosts[host], "link", "set", "up0", "up")
            self.ip("-n", self.hosts["bastion"], "link", "set", host, "up")
        self.names("client", "10.77.1.1 bastion.example")
        self.names("bastion", "10.77.2.2 prefect.internal", "10.77.3.2 marquez.internal")

    @staticmethod
    def ip(*args):
        subprocess.run(["ip", *args], check=True, stderr=subprocess.PIPE)

    def names(self, host, *lines):
        """What `ip netns exec` shows the host as /etc/hosts."""
        folder = f"/etc/netns/{self.hosts[host]}"
        os.makedirs(folder, exist_ok=True)
        for name, text in (("hosts", "127.0.0.1 localhost\n" + "".join(f"{line}\n" for line in lines)), ("resolv.conf", "")):
            with open(f"{folder}/{name}", "w") as f:
                f.write(text)

    def inside(self, host):
        return ["ip", "netns", "exec", self.hosts[host]]

    def serve(self, host, address, port):
        self.children.append(subprocess.Popen([*self.inside(host), sys.executable, __file__, address, str(port)]))
        assert wait_until(lambda: f":{port}" in subprocess.run([*self.inside(host), "ss", "-Hltn"], stdout=subprocess.PIPE, text=True).stdout)

    def link(self, state):
        """Cut the client off, or join it again: "down", "up"."""
        self.ip("-n", self.hosts["client"], "link", "set", "up0", state)

    def close(self):
        for child in self.children:
            child.kill()
            child.wait()
        for space in self.hosts.values():
            subprocess.run(["ip", "netns", "del", space], stderr=subprocess.DEVNULL)
            shutil.rmtree(f"/etc/netns/{space}", ignore_errors=True)


if __name__ == "__main__":
    Service(address=sys.argv[1], port=int(sys.argv[2]))
    threading.Event().wait()
