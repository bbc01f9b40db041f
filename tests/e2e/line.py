"""A line between a client and a server that breaks: TCP connections that are passed on, some of them reset."""
import contextlib
import select
import socket
import threading


class Line:
    """Passes connections to its port on to a server on loopback. `most(n)` says after how many bytes, both ways together, the n-th
    connection is reset; None = never."""

    def __init__(self, port, most=lambda n: None):
        self.port, self.most = port, most
        self.connections = self.broken = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.carry, args=(client, self.most(self.connections)), daemon=True).start()

    def passed(self, count):
        """Called with the bytes that came from a client, before they go on."""

    def carry(self, client, most):
        # One thread for both ways: a socket on which another one waits would not be reset by closing it.
        server = socket.create_connection(("127.0.0.1", self.port))
        other, carried = {client: server, server: client}, 0
        with contextlib.suppress(OSError):
            while True:
                for source in select.select(list(other), [], [])[0]:
                    data = source.recv(65536)
                    carried += len(data)
                    if not data or (most is not None and carried > most):
                        self.broken += bool(data)
                        raise ConnectionResetError
                    if source is client:
                        self.passed(len(data))
                    other[source].sendall(data)
        for end in other:
            with contextlib.suppress(OSError):
                if most is not None and carried > most:  # a reset, not an orderly end
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            end.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
