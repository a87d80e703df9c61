# SPDX-License-Identifier: Apache-2.0
"""The exchange service from outside: `pt2 serve` as a process, and enough of Thrift's compact protocol to play a client
or a server that misbehaves."""
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import threading
import time

import command

# The address sanitizer keeps what was freed, 256 MiB of it: memory would seem to leak.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"}
BOOL, I32, I64, DOUBLE, TEXT, LIST, STRUCT = 1, 5, 6, 7, 8, 9, 12


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def zigzag(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def value(kind, item):
    if kind in (I32, I64):
        return zigzag(item)
    if kind == TEXT:
        data = item.encode() if isinstance(item, str) else item
        return varint(len(data)) + data
    if kind == LIST:
        inner, items = item
        return bytes([min(len(items), 15) << 4 | inner]) + b"".join(value(inner, i) for i in items)
    return item


def record(*fields):
    """A struct of (id, kind, value), ids ascending and close together."""
    out, last = b"", 0
    for number, kind, item in fields:
        code = (1 if item else 2) if kind == BOOL else kind
        out += bytes([number - last << 4 | code]) if number > last else bytes([code]) + zigzag(number)
        out += b"" if kind == BOOL else value(kind, item)
        last = number
    return out + b"\0"


def message(kind, name, body, sequence=1):
    data = b"\x82" + bytes([kind << 5 | 1]) + varint(sequence) + value(TEXT, name) + body
    return struct.pack(">I", len(data)) + data


def call(name, request=b"\0"):
    return message(1, name, record((1, STRUCT, request)))


def reply(name, result, sequence=1):
    return message(2, name, bytes([STRUCT, 0]) + result + b"\0", sequence)


def fault(name, id_, text="no", temporary=False, sequence=1):
    return message(2, name, record((1, STRUCT, record((1, TEXT, id_), (2, TEXT, text), (4, BOOL, temporary)))), sequence)


def server_info(version=1):
    limits = record(*[(i, I64, 1 << 20) for i in (1, 2, 3)], *[(i, I32, 1000) for i in (4, 5, 6, 7)])
    return record((1, I32, version), (2, TEXT, "test"), (3, I64, 8), (4, I64, 20), (5, LIST, (TEXT, [])), (6, STRUCT, limits),
                  (7, BOOL, False))


def read_frame(peer):
    header = peer.recv(4, socket.MSG_WAITALL)
    return peer.recv(struct.unpack(">I", header)[0], socket.MSG_WAITALL) if len(header) == 4 else b""


def is_closed(peer):
    """Does the other side close it, whatever is said about bytes that it did not read?"""
    try:
        return peer.recv(10) == b""
    except ConnectionResetError:
        return True


class FakeServer:
    """Answers the first message of each connection with the first script's bytes, and so on; then closes."""

    def __init__(self, path, *answers):
        self.path, self.answers, self.calls = path, answers, 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen(64)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        for answer in self.answers:
            if not read_frame(peer):
                break
            self.calls += 1
            if answer is None:  # stalls
                threading.Event().wait(30)
            peer.sendall(answer)
        peer.close()

    def close(self):
        self.socket.close()


class Server:
    """`pt2 serve` over a folder."""

    def __init__(self, folder, *options, address=None, models=None):
        self.folder = folder
        self.models = models or os.path.join(folder, "models")
        os.makedirs(self.models, exist_ok=True)
        self.log_path = os.path.join(folder, "log")
        self.log_file = open(self.log_path, "ab")
        self.process = subprocess.Popen([command.PT2, "serve", address or os.path.join(folder, "socket"), self.models, *options],
                                        stdout=subprocess.PIPE, stderr=self.log_file, env=ENVIRONMENT)
        self.address = self.process.stdout.readline().decode().strip()

    def connect(self):
        """A socket that is connected; while too many wait for the server, Unix sockets say EAGAIN at once."""
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(20)
        for _ in range(2000):
            try:
                peer.connect(self.address.removeprefix("unix:"))
                return peer
            except BlockingIOError:
                time.sleep(0.01)
        raise TimeoutError("the server lets nobody in")

    def log(self):
        return [json.loads(line) for line in pathlib.Path(self.log_path).read_text(encoding="utf-8").splitlines()]

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log_file.close()
        return status
