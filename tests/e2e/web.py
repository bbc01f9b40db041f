"""A web server for the tests of research: any number of sites on one port of loopback, each request remembered.

It is reached directly (http://127.0.0.1:PORT/...), by TLS with a certificate of the tests' own authority, or as a proxy, which lets it be
any host: what is asked for by CONNECT is answered by TLS under that name."""
import gzip
import http.server
import socket
import ssl
import subprocess
import threading
import time
import zlib
from pathlib import Path


class Reply:
    """What a path answers: bytes, or a function that writes to the handler itself."""

    def __init__(self, body=b"", status=200, write=None, **headers):
        self.body = body.encode() if isinstance(body, str) else body
        self.status, self.write = status, write
        self.headers = {"Content-Type": "text/html; charset=utf-8", **{k.replace("_", "-"): v for k, v in headers.items()}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *args):
        pass

    def do_CONNECT(self):
        self.server.connects.append(self.path)
        if self.server.tls is None:
            self.send_error(403)
            return
        self.send_response_only(200)
        self.end_headers()
        try:
            self.connection = self.request = self.server.tls.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def do_GET(self):
        host, path = self.headers.get("Host", ""), self.path
        if path.startswith("http://"):
            host, _, path = path[7:].partition("/")
            path = "/" + path
        server = self.server
        with server.lock:
            server.seen.append((host, path, dict(self.headers)))
            server.under_way += 1
            server.most = max(server.most, server.under_way)
        try:
            self.reply(server.find(host, path, self.headers))
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError, TimeoutError):
            self.close_connection = True
        finally:
            with server.lock:
                server.under_way -= 1

    def reply(self, r):
        if r.write:
            r.write(self)
            self.close_connection = True
            return
        self.send_response(r.status)
        for key, value in r.headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(r.body)))
        self.end_headers()
        self.wfile.write(r.body)


class Web(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls=None, wrap=False, address=("127.0.0.1", 0)):
        super().__init__(address, Handler)
        self.lock, self.seen, self.connects, self.pages = threading.Lock(), [], [], {}
        self.under_way = self.most = 0
        self.tls = tls
        if wrap:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def find(self, host, path, headers):
        page = self.pages.get((host, path)) or self.pages.get(path)
        if callable(page):
            page = page(host, path, headers)
        return page or Reply("not here", 404)

    def paths(self, host=None):
        return [p for h, p, _ in self.seen if host in (None, h)]

    def stop(self):
        self.shutdown()
        self.server_close()


# ---- what hostile servers do ----------------------------------------------------------------------------

def endless(handler):
    """5 GB of body, as far as anybody takes it; the handler notes how much that was."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Connection", "close")
    handler.end_headers()
    piece, sent = b"x" * 65536, 0
    try:
        while sent < 5 << 30:
            handler.wfile.write(piece)
            sent += len(piece)
    finally:
        handler.server.sent = sent


def bomb(handler):
    """A gzip body of 2 MB that unpacks to 2 GB."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Connection", "close")
    handler.end_headers()
    zeros = bytes(1 << 20)
    for _ in range(2048):
        handler.wfile.write(pack.compress(zeros))
    handler.wfile.write(pack.flush())


def drip(handler):
    """A byte a fifth of a second, for a minute."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", "300")
    handler.end_headers()
    for _ in range(300):
        handler.wfile.write(b"x")
        time.sleep(0.2)


def packed(text):
    return Reply(gzip.compress(text.encode()), Content_Encoding="gzip")


# ---- certificates ---------------------------------------------------------------------------------------

def authority(folder, *names):
    """Make an authority and a server certificate for names; returns (authority's file, server's TLS context)."""
    folder = Path(folder)

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Tests")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tls.key", "-out", "tls.csr", "-subj", "/CN=server")
    (folder / "names").write_text("subjectAltName=" + ",".join(f"DNS:{n}" for n in names))
    openssl("x509", "-req", "-in", "tls.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names",
            "-out", "tls.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
    return folder / "ca.pem", context


def loopback_name():
    """A name other than localhost that resolves to loopback here, or None."""
    name = socket.gethostname()
    try:
        return name if socket.gethostbyname(name).startswith("127.") else None
    except OSError:
        return None
