#!/usr/bin/env python3
"""How long a request to a server that never answers goes on after Ctrl-C, and without one.

    bench/prefect/interrupt.py HOTPASS [REPETITIONS]
"""
import signal
import socket
import statistics
import subprocess
import sys
import time


def main(hotpass, times=20):
    took = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        argv = [hotpass, "prefect", "runs", "--prefect-url", f"http://127.0.0.1:{server.getsockname()[1]}/api"]
        for _ in range(times):
            child = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
            connection, _ = server.accept()  # it has asked, and waits
            connection.recv(65536)
            begin = time.monotonic()
            child.send_signal(signal.SIGINT)
            code = child.wait(60)
            took.append(time.monotonic() - begin)
            connection.close()
            assert code == 130, code
        begin = time.monotonic()
        code = subprocess.run(argv, stderr=subprocess.DEVNULL, check=False).returncode
        whole = time.monotonic() - begin
    print(f"Ctrl-C: median {statistics.median(took) * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms of {times}; without it: exit code {code} after {whole:.1f} s")
    return 0 if max(took) < 1 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
