#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small server of the exchange service in Python: hello, programs and fetchProgram over the files of a folder. For
seeing that the interface can be implemented elsewhere, and that `pt2 call` can talk to it.

    server.py SOCKET FOLDER
"""
import os
import sys
import zlib

from pt2_exchange import Exchange
from pt2_exchange.constants import PROTOCOL_VERSION
from pt2_exchange.ttypes import Check, Chunk, ExchangeError, ProgramEntry, ProgramList, ServerInfo, ServiceLimits
from thrift.protocol.TCompactProtocol import TCompactProtocolFactory
from thrift.server.TServer import TThreadedServer
from thrift.transport import TSocket, TTransport

PIECE = 100000


class Handler:
    def __init__(self, folder):
        self.folder = folder

    def hello(self, request):
        limits = ServiceLimits(PIECE + 65536, PIECE, 0, 1000, 16, 60, 60)
        return ServerInfo(PROTOCOL_VERSION, "python", 8, 20, ["hello", "programs", "fetchProgram"], limits, True)

    def programs(self, request):
        names = sorted(os.listdir(self.folder))
        return ProgramList([ProgramEntry(name, "exported-program", os.path.getsize(os.path.join(self.folder, name)), None, ["model"])
                            for name in names])

    def fetchProgram(self, request):
        path = os.path.join(self.folder, os.path.basename(request.program))
        if not os.path.isfile(path):
            raise ExchangeError("PT2-X010", "nothing of that name", None, False)
        with open(path, "rb") as file:
            file.seek(request.offset or 0)
            data = file.read(min(request.limit or PIECE, PIECE))
        crc = zlib.crc32(data) if request.check == Check.CRC32 else None
        return Chunk(data, None, request.offset or 0, os.path.getsize(path), str(os.stat(path).st_mtime_ns), crc)

    def refuse(self, request):
        raise ExchangeError("PT2-X003", "this server has no such method", None, False)

    describe = tensors = fetchTensor = storeBegin = storeChunk = storeEnd = verify = compare = upgrade = stats = refuse


def main(path, folder):
    socket = TSocket.TServerSocket(unix_socket=path)
    server = TThreadedServer(Exchange.Processor(Handler(folder)), socket, TTransport.TFramedTransportFactory(),
                             TCompactProtocolFactory(), daemon=True)
    server.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
