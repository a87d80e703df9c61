# SPDX-License-Identifier: Apache-2.0
"""A client of libpt2's exchange service in Python, over Apache Thrift's own library and code generated from our IDL.

    thrift --gen py -out generated export_schema.thrift
    thrift --gen py -out generated exchange.thrift
    PYTHONPATH=generated python3 example.py models.socket

An example to start from: docs/exchange.md describes the interface, docs/apache-thrift.md what Thrift's readers do not
check. The stock Python generator needs nothing for recursive types.
"""
import hashlib
import zlib

from pt2_exchange import Exchange
from pt2_exchange.ttypes import (Check, ListRequest, ProgramFetch, ProgramForm, ProgramRequest, StoreChunkRequest, StoreEndRequest,
                                 StoreKind, StoreRequest, StructFetch, StructListRequest, TensorFetch, TensorListRequest)
from pt2_thrift.ttypes import ExportedProgram
from thrift.protocol.TCompactProtocol import TCompactProtocol, TCompactProtocolAccelerated
from thrift.transport import TSocket, TTransport

PIECE = 4 << 20
# NumPy's names of types; those that it has not come as integers of their width.
NUMPY = {"uint8": "u1", "int8": "i1", "int16": "<i2", "int32": "<i4", "int64": "<i8", "uint16": "<u2", "uint32": "<u4",
         "uint64": "<u8", "float16": "<f2", "float32": "<f4", "float64": "<f8", "complex64": "<c8", "complex128": "<c16",
         "bool": "?", "bfloat16": "<u2"}


class Damaged(Exception):
    """A piece is not what the server sent."""


class Client:
    def __init__(self, path):
        self.transport = TTransport.TFramedTransport(TSocket.TSocket(unix_socket=path))
        self.service = Exchange.Client(TCompactProtocol(self.transport))
        self.transport.open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.transport.close()

    def programs(self):
        """Every entry, page by page."""
        request = ListRequest()
        while True:
            page = self.service.programs(request)
            yield from page.programs
            if page.last is None:
                return
            request.after = page.last

    def describe(self, program, model=None):
        return self.service.describe(ProgramRequest(program=program, model=model))

    @staticmethod
    def pieces(method, request):
        """(bytes, offset, total) of each piece, checked."""
        request.offset, request.limit, request.check = 0, PIECE, Check.CRC32
        version = None
        while True:
            chunk = method(request)
            data = bytes(chunk.zeros) if chunk.zeros else chunk.data
            if zlib.crc32(data) != chunk.crc32 or version not in (None, chunk.version):
                raise Damaged(f"the piece at {chunk.offset}")
            version = chunk.version
            yield data, chunk.offset, chunk.total
            request.offset += len(data)
            if request.offset >= chunk.total:
                return

    def fetch_bytes(self, program, form=ProgramForm.COMPACT, model=None):
        request = ProgramFetch(program=program, model=model, form=form)
        return b"".join(data for data, _, _ in self.pieces(self.service.fetchProgram, request))

    def fetch(self, program, model=None):
        """The program as generated types. Only from a server that you trust: Thrift's reader checks little."""
        return from_compact(self.fetch_bytes(program, model=model), ExportedProgram)

    def structs(self, program):
        """Entries of the records that are a struct of the schema."""
        request = StructListRequest(program=program, first=0)
        while True:
            page = self.service.structs(request)
            yield from page.structs
            request.first += len(page.structs)
            if request.first >= page.total or not page.structs:
                return

    def fetch_struct(self, program, record, class_):
        """Such a record as the generated type CLASS, such as PayloadConfig; what fetch() says holds."""
        request = StructFetch(program=program, record=record, type=class_.__name__)
        return from_compact(b"".join(data for data, _, _ in self.pieces(self.service.fetchStruct, request)), class_)

    def tensors(self, program, model=None):
        request = TensorListRequest(program=program, model=model, first=0)
        while True:
            page = self.service.tensors(request)
            yield from page.tensors
            request.first += len(page.tensors)
            if request.first >= page.total or not page.tensors:
                return

    def tensor(self, program, entry, model=None):
        """The elements of an entry of tensors() as a NumPy array, filled piece by piece: never twice in memory."""
        import numpy
        array = numpy.empty(entry.bytes, dtype="u1")
        request = TensorFetch(program=program, model=model, fqn=entry.fqn)
        for data, offset, _ in self.pieces(self.service.fetchTensor, request):
            array[offset:offset + len(data)] = numpy.frombuffer(data, dtype="u1")
        kind = numpy.dtype(NUMPY.get(entry.dtype, "u1"))
        return array.view(kind).reshape(entry.shape if kind.itemsize > 1 or entry.dtype in NUMPY else [-1])

    def store(self, data, name=None, replace=False, **more):
        """Stores an archive or a program; what the server has already is not sent."""
        state = self.service.storeBegin(StoreRequest(name=name, bytes=len(data), sha256=hashlib.sha256(data).digest(), replace=replace,
                                                     **more))
        while not state.known and state.offset < len(data):
            piece = data[state.offset:state.offset + PIECE]
            state = self.service.storeChunk(StoreChunkRequest(upload=state.upload, offset=state.offset, data=piece, crc32=zlib.crc32(piece)))
        return self.service.storeEnd(StoreEndRequest(upload=state.upload))

    def store_struct(self, value, base, record, name=None, replace=False):
        """Another archive: BASE with a value of a generated type in the place of a record."""
        return self.store(to_compact(value), name, replace, kind=StoreKind.STRUCT, base=base, record=record, type=type(value).__name__)


def to_compact(value):
    """The bytes of an ExportedProgram, for store(), or of any other struct."""
    memory = TTransport.TMemoryBuffer()
    value.write(TCompactProtocolAccelerated(memory, fallback=True))
    return memory.getvalue()


def from_compact(data, class_):
    value = class_()
    value.read(TCompactProtocolAccelerated(TTransport.TMemoryBuffer(data), fallback=True))
    return value
