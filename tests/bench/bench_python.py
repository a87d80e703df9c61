#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Python peers, measured like the others: PEER WHAT FILE SECONDS [FOLDER of generated thrift code].

json load|dump, thrift decode|encode (Apache's C accelerator), torch load (PyTorch's own reader: json, then
dataclasses), torch graph (dataclasses to its GraphModule). `convert FROM.json TO.compact` writes compact bytes without libpt2, by Apache's Python library.
"""
import argparse
import json
import sys
import time


def repeat(peer, what, step, size, seconds):
    times = []
    begin = time.perf_counter()
    step()
    begin = time.perf_counter()
    while len(times) < 1 or (time.perf_counter() - begin < seconds and len(times) < 4096):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    times.sort()
    print(json.dumps({"peer": peer, "what": what, "bytes": size, "median_seconds": times[len(times) // 2],
                      "best": times[0], "runs": len(times)}))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def measure_json(what, path, seconds):
    text = read(path)
    if what == "load":
        repeat("python-json", what, lambda: json.loads(text), len(text), seconds)
    else:
        document = json.loads(text)
        repeat("python-json", what, lambda: json.dumps(document), len(text), seconds)


def measure_torch(what, path, seconds):
    from torch._export.serde.schema import ExportedProgram
    from torch._export.serde.serialize import _dict_to_dataclass
    text = read(path)
    if what == "graph":
        measure_torch_graph(_dict_to_dataclass(ExportedProgram, json.loads(text)), len(text), seconds)
        return
    repeat("torch-python", what, lambda: _dict_to_dataclass(ExportedProgram, json.loads(text)), len(text), seconds)


def measure_torch_graph(program, size, seconds):
    """Structures to graph: what torch.export.load() does between reading the program and checking it, without weights."""
    from torch._export.serde.serialize import GraphModuleDeserializer, _int_to_sympy_int, int_oo
    from torch.fx.experimental.symbolic_shapes import ValueRanges
    ranges = {name: ValueRanges(_int_to_sympy_int(r.min_val, -int_oo), _int_to_sympy_int(r.max_val, int_oo))
              for name, r in program.range_constraints.items()}
    repeat("torch-python", "graph",
           lambda: GraphModuleDeserializer().deserialize(program.graph_module, {}, {}, None, ranges), size, seconds)


# ---- Apache Thrift in Python ----

def thrift_modules(folder):
    sys.path.insert(0, folder)
    from pt2_thrift import ttypes
    from thrift.protocol.TCompactProtocol import TCompactProtocolAccelerated
    from thrift.transport.TTransport import TMemoryBuffer
    return ttypes, lambda data=None: TCompactProtocolAccelerated(TMemoryBuffer(data), fallback=False,
                                                                 string_length_limit=1 << 31,
                                                                 container_length_limit=1 << 31)


def measure_thrift(what, path, seconds, folder):
    ttypes, protocol = thrift_modules(folder)
    data = read(path)
    if what == "decode":
        repeat("thrift-python", what, lambda: ttypes.ExportedProgram().read(protocol(data)), len(data), seconds)
        return
    program = ttypes.ExportedProgram()
    program.read(protocol(data))
    repeat("thrift-python", what, lambda: program.write(protocol()), len(data), seconds)


STRUCT, MAP, SET, LIST, DOUBLE = 12, 13, 14, 15, 4
DOUBLES = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def to_thrift(kind, arguments, value):
    """VALUE of a JSON document as the Python value that thrift's generated code wants."""
    if kind == STRUCT:
        return struct_to_thrift(arguments[0], value)
    if kind in (LIST, SET):
        return [to_thrift(arguments[0], arguments[1], item) for item in value]
    if kind == MAP:
        return {key: to_thrift(arguments[2], arguments[3], item) for key, item in value.items()}
    if kind == DOUBLE:
        return DOUBLES[value] if isinstance(value, str) else float(value)
    return value


def struct_to_thrift(cls, value):
    made = cls()
    for spec in cls.thrift_spec:
        if spec is not None and value.get(spec[2]) is not None:
            setattr(made, spec[2], to_thrift(spec[1], spec[3], value[spec[2]]))
    return made


def convert(source, target, folder):
    ttypes, protocol = thrift_modules(folder)
    program = struct_to_thrift(ttypes.ExportedProgram, json.loads(read(source)))
    out = protocol()
    program.write(out)
    with open(target, "wb") as file:
        file.write(out.trans.getvalue())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=("json", "thrift", "torch", "convert"))
    parser.add_argument("what", help="load, dump, decode, encode; with convert: the JSON file")
    parser.add_argument("file")
    parser.add_argument("seconds", type=float, nargs="?", default=1.0)
    parser.add_argument("--generated", help="folder of the Python code that the thrift compiler made")
    options = parser.parse_args()
    if options.peer == "convert":
        convert(options.what, options.file, options.generated)
    elif options.peer == "thrift":
        measure_thrift(options.what, options.file, options.seconds, options.generated)
    else:
        {"json": measure_json, "torch": measure_torch}[options.peer](options.what, options.file, options.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
