#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes program JSON of any size for the benchmarks, in PyTorch's own spelling (schema 8.20).

    generate.py dense NODES OUT.json          made up: no stack traces, names, shapes and argument kinds vary
    generate.py real NODES OUT.json --from A.pt2
                                              the program of A.pt2 (a stack of equal layers), with as many
                                              layers as give about NODES nodes; 0: the program as it is

The same arguments give the same bytes. Memory stays small: a million nodes are streamed.
"""
import argparse
import json
import random
import re
import sys
import tempfile
import zipfile

encode = json.JSONEncoder().encode  # the text of json.dumps with default arguments


# ---- dense: a made-up graph ----

SYMBOLS = (("s77", 4), ("s27", 128), ("s94", 16))
DTYPES = (7, 7, 7, 7, 13, 13, 6, 5, 12)
SIZES = (1, 2, 3, 4, 8, 16, 32, 48, 64, 96, 128, 197, 256, 512, 768, 1024, 3072, 4096)
RANKS = (1, 2, 2, 3, 3, 3, 4, 4)


def tensor(name):
    return {"as_tensor": {"name": name}}


def symbol(which):
    name, hint = SYMBOLS[which]
    return {"as_expr": {"expr_str": f"Symbol('{name}', positive=True, integer=True)", "hint": {"as_int": hint}}}


class Dense:
    """Makes nodes one after the other; a node uses values made shortly before, and parameters."""

    def __init__(self, nodes, seed=1):
        self.random = random.Random(seed)
        self.uniform = self.random.random
        self.n_parameters = max(2, nodes // 8)
        self.counts = {}
        self.recent = ["x", "mask"]

    def pick(self, items):
        return items[int(self.uniform() * len(items))]

    def new_name(self, base):
        n = self.counts.get(base, 0)
        self.counts[base] = n + 1
        return base if n == 0 else f"{base}_{n}"

    def value(self):
        return tensor(self.pick(self.recent))

    def parameter(self):
        return tensor(parameter_name(int(self.uniform() * self.n_parameters)))

    def size(self):
        return self.pick(SIZES)

    def node(self, layer):
        base, overload, arguments, kind = self.pick(OPERATORS)
        inputs = [{"name": name, "arg": make(self), "kind": 1 if position < 3 else 2}
                  for position, (name, make) in enumerate(arguments)]
        name = self.new_name(base)
        if kind == "tensors":
            made = [self.new_name("getitem") for _ in range(3)]
            outputs = [{"as_tensors": [{"name": n} for n in made]}]
        else:
            made = [name]
            outputs = [tensor(name)]
        block = layer // 12
        metadata = {"nn_module_stack": f"L__self__h.{block},h.{block},__main__.Block",
                    "torch_fn": f"{base}_{self.counts[base]};builtin_function_or_method.{base}"}
        self.recent = (self.recent + made)[-24:]
        return {"target": f"torch.ops.aten.{base}.{overload}", "inputs": inputs, "outputs": outputs,
                "metadata": metadata, "is_hop_single_tensor_return": None, "name": name}, made

    def meta(self, parameter=False):
        rank = self.pick(RANKS)
        sizes = [self.size() for _ in range(rank)]
        strides, step = [], 1
        for size in reversed(sizes):
            strides.insert(0, {"as_int": step})
            step *= size
        sizes = [{"as_int": size} for size in sizes]
        if not parameter and self.uniform() < 0.15:
            sizes[0] = symbol(int(self.uniform() * len(SYMBOLS)))
            if rank > 1 and self.uniform() < 0.3:
                strides[0] = symbol(0)
        offset = int(self.uniform() * 100000) if self.uniform() < 0.1 else 0
        cuda = self.uniform() < 0.5
        return {"dtype": self.pick(DTYPES), "sizes": sizes, "requires_grad": parameter,
                "device": {"type": "cuda", "index": 0} if cuda else {"type": "cpu", "index": None},
                "strides": strides, "storage_offset": {"as_int": offset}, "layout": 7}


def parameter_name(i):
    return f"p_layers_{i // 8}_weight_{i % 8}"


def sizes_argument(maker):
    if maker.uniform() < 0.5:
        return {"as_ints": [maker.size() for _ in range(maker.pick((2, 3, 4)))]}
    return {"as_sym_ints": [{"as_name": "sym_size_int"}, {"as_int": maker.size()}, {"as_int": -1}]}


def optional_tensors(maker):
    return {"as_optional_tensors": [maker.value(), {"as_none": True}]}


def integer(*choices):
    return lambda maker: {"as_int": maker.pick(choices)}


def constant(argument):
    return lambda maker: argument


VALUE, PARAMETER = Dense.value, Dense.parameter
NUMBER = lambda maker: {"as_float": maker.pick((1e-05, 0.5, 1.0, 1e-12, 0.1, 0.044715, 2.0))}  # noqa: E731
DIM = integer(-1, 0, 1, 2, -2)
NONE = constant({"as_none": True})
FALSE = constant({"as_bool": False})
# name, overload, (argument, its maker)..., what comes out
OPERATORS = (
    ("linear", "default", (("input", VALUE), ("weight", PARAMETER), ("bias", PARAMETER)), "tensor"),
    ("linear", "default", (("input", VALUE), ("weight", PARAMETER), ("bias", NONE)), "tensor"),
    ("add", "Tensor", (("self", VALUE), ("other", VALUE)), "tensor"),
    ("mul", "Tensor", (("self", VALUE), ("other", NUMBER)), "tensor"),
    ("reshape", "default", (("self", VALUE), ("shape", sizes_argument)), "tensor"),
    ("permute", "default", (("self", VALUE), ("dims", constant({"as_ints": [0, 2, 1, 3]}))), "tensor"),
    ("transpose", "int", (("self", VALUE), ("dim0", DIM), ("dim1", DIM)), "tensor"),
    ("layer_norm", "default", (("input", VALUE), ("normalized_shape", lambda m: {"as_ints": [m.size()]}),
                               ("weight", PARAMETER), ("bias", PARAMETER)), "tensor"),
    ("softmax", "int", (("self", VALUE), ("dim", DIM), ("dtype", constant({"as_scalar_type": 7}))), "tensor"),
    ("gelu", "default", (("self", VALUE), ("approximate", constant({"as_string": "tanh"}))), "tensor"),
    ("cat", "default", (("tensors", lambda m: {"as_tensors": [m.value()["as_tensor"] for _ in range(2)]}),
                        ("dim", DIM)), "tensor"),
    ("slice", "Tensor", (("self", VALUE), ("dim", DIM), ("start", integer(0, 1, 5)),
                         ("end", integer(9223372036854775807, 64))), "tensor"),
    ("split_with_sizes", "default", (("self", VALUE), ("split_sizes", constant({"as_ints": [768, 768, 768]})),
                                     ("dim", DIM)), "tensors"),
    ("index", "Tensor", (("self", VALUE), ("indices", optional_tensors)), "tensor"),
    ("mean", "dim", (("self", VALUE), ("dim", constant({"as_ints": [-1]})), ("keepdim", constant({"as_bool": True}))),
     "tensor"),
    ("dropout", "default", (("input", VALUE), ("p", NUMBER), ("train", FALSE)), "tensor"),
    ("arange", "start", (("start", integer(0)), ("end", lambda m: {"as_sym_int": {"as_name": "sym_size_int"}}),
                         ("device", constant({"as_device": {"type": "cuda", "index": 0}})), ("pin_memory", FALSE)),
     "tensor"),
    ("to", "dtype", (("self", VALUE), ("dtype", constant({"as_scalar_type": 13}))), "tensor"),
)


class Listing:
    """The inside of an array or object, item by item."""

    def __init__(self, out):
        self.out = out
        self.separator = ""

    def add(self, text):
        self.out.write(self.separator + text)
        self.separator = ", "

    def entry(self, key, value):
        self.add(f"{encode(key)}: {encode(value)}")


def write_dense(n_nodes, out):
    maker = Dense(n_nodes)
    parameters = [parameter_name(i) for i in range(maker.n_parameters)]
    out.write('{"graph_module": {"graph": {"inputs": [')
    inputs = Listing(out)
    for name in parameters + ["x", "mask"]:
        inputs.add(encode(tensor(name)))
    with tempfile.TemporaryFile("w+") as metas:
        values, nodes = Listing(metas), Listing(tempfile.TemporaryFile("w+"))
        for name in parameters:
            values.entry(name, maker.meta(parameter=True))
        for name in ("x", "mask"):
            values.entry(name, maker.meta())
        nodes.add(encode({"target": "torch.ops.aten.sym_size.int",
                          "inputs": [{"name": "self", "arg": tensor("x"), "kind": 1},
                                     {"name": "dim", "arg": {"as_int": 0}, "kind": 1}],
                          "outputs": [{"as_sym_int": {"as_name": "sym_size_int"}}], "metadata": {},
                          "is_hop_single_tensor_return": None, "name": "sym_size_int"}))
        for i in range(1, n_nodes):
            node, made = maker.node(i)
            nodes.add(encode(node))
            for name in made:
                values.entry(name, maker.meta())
        last = maker.recent[-1]
        out.write(f'], "outputs": [{encode(tensor(last))}], "nodes": [')
        copy(nodes.out, out)
        nodes.out.close()
        out.write('], "tensor_values": {')
        copy(metas, out)
    out.write(encode({"sym_int_values": {"sym_size_int": symbol(0)}, "sym_bool_values": {},
                      "is_single_tensor_return": False, "custom_obj_values": {},
                      "sym_float_values": {}}).replace("{", "}, ", 1))
    out.write(', "signature": {"input_specs": [')
    specs = Listing(out)
    for i, name in enumerate(parameters):
        specs.add(encode({"parameter": {"arg": {"name": name}, "parameter_name": f"layers.{i // 8}.weight.{i % 8}"}}))
    for name in ("x", "mask"):
        specs.add(encode({"user_input": {"arg": tensor(name)}}))
    out.write(f'], "output_specs": [{encode({"user_output": {"arg": tensor(last)}})}]}}, "module_call_graph": ')
    leaf = '{"type": null, "context": null, "children_spec": []}'
    signature = {"inputs": [], "outputs": [],
                 "in_spec": f'[1, {{"type": "builtins.tuple", "context": "null", "children_spec": [{leaf}, {leaf}]}}]',
                 "out_spec": f"[1, {leaf}]", "forward_arg_names": ["x", "mask"]}
    out.write(encode([{"fqn": "", "signature": signature}]))
    out.write(', "metadata": {}, "treespec_namedtuple_fields": {}}, ')
    out.write(encode({"opset_version": {"aten": 10},
                      "range_constraints": {name: {"min_val": 2, "max_val": 4096} for name, _ in SYMBOLS},
                      "schema_version": {"major": 8, "minor": 20}, "verifiers": ["TRAINING"],
                      "torch_version": "2.15.0", "guards_code": []})[1:])


def copy(spool, out):
    spool.seek(0)
    while piece := spool.read(1 << 20):
        out.write(piece)


# ---- real: a program of equal layers, with more of them ----

LAYER_NODE = re.compile(r"L__self__bl\.(\d+),")
LAYER_NAME = re.compile(r'"(?:p_bl_|bl\.)(\d+)[_."]')
NUMBER_TEXT = re.compile(r"(\d+)")


class Layers:
    """Repeats what belongs to a layer. Layers 0 and 1 stay; layer k ≥ 2 counts on from how 2 and 3 differ."""

    def __init__(self, program, n_nodes):
        self.graph = program["graph_module"]["graph"]
        self.node_layer, layer_nodes = {}, {}
        for node in self.graph["nodes"]:
            found = LAYER_NODE.search(node["metadata"].get("nn_module_stack", ""))
            layer = int(found.group(1)) if found else None
            layer_nodes[layer] = layer_nodes.get(layer, 0) + 1
            for name in produced(node):
                self.node_layer[name] = layer
        self.had = len(layer_nodes) - 1
        self.wanted = self.had if n_nodes == 0 else max(3, (n_nodes - layer_nodes[None]) // layer_nodes[2])
        self.steps = {}

    def layer_of(self, text, name=None):
        if name is not None:
            if name in self.node_layer:
                return self.node_layer[name]
        found = LAYER_NAME.search(text)
        return int(found.group(1)) if found else None

    def expand(self, items):
        """ITEMS: (text, layer or None)... -> texts with the wanted number of layers."""
        i = 0
        while i < len(items):
            if items[i][1] is None:
                yield self.shift_tail(items[i][0]) if i else items[i][0]
                i += 1
                continue
            run = []
            while i < len(items) and items[i][1] is not None:
                run.append(items[i])
                i += 1
            by_layer = {}
            for text, layer in run:
                by_layer.setdefault(layer, []).append(text)
            yield from by_layer[0] + by_layer[1]
            patterns = [self.pattern(a, b) for a, b in zip(by_layer[2], by_layer[3])]
            for layer in range(2, self.wanted):
                yield from (fill(pattern, layer - 2) for pattern in patterns)

    def pattern(self, second, third):
        """The text of layer 2 as literal parts and (number, step) pairs."""
        parts = []
        a, b = NUMBER_TEXT.split(second), NUMBER_TEXT.split(third)
        if a[0::2] != b[0::2]:
            raise ValueError("layers 2 and 3 differ in more than numbers")
        for position, (one, two) in enumerate(zip(a, b)):
            if one == two:
                parts.append(one)
                continue
            step = int(two) - int(one)
            parts.append((int(one), step))
            base = re.search(r'[a-z_]+$', a[position - 1])
            if base and base.group().endswith("_"):
                self.steps[base.group()] = step
        return parts

    def shift_tail(self, text):
        def shift(found):
            step = self.steps.get(found.group(1))
            return found.group() if step is None else f"{found.group(1)}{int(found.group(2)) + step * self.more()}"
        return re.sub(r"(?<![a-z_])([a-z_]+_)(\d+)(?=[\";])", shift, text)

    def more(self):
        return self.wanted - self.had


def fill(pattern, k):
    return "".join(part if isinstance(part, str) else str(part[0] + k * part[1]) for part in pattern)


def produced(node):
    for output in node["outputs"]:
        for tag, value in output.items():
            if tag == "as_tensors":
                yield from (item["name"] for item in value)
            elif isinstance(value, dict) and "name" in value:
                yield value["name"]


def read_program(path):
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("models/model.json"))
        return archive.read(name).decode()


def write_real(n_nodes, path, out):
    program = json.loads(read_program(path))
    layers = Layers(program, n_nodes)
    module, graph = program["graph_module"], layers.graph

    def items(values, name_of=lambda value: None):
        return [(encode(value), layers.layer_of(encode(value), name_of(value))) for value in values]

    nodes = [(encode(n), layers.node_layer.get(next(produced(n), None))) for n in graph["nodes"]]
    node_texts = list(layers.expand(nodes))  # first: it finds how the names count on
    values = [(f"{encode(key)}: {encode(meta)}", layers.layer_of(encode(key), key))
              for key, meta in graph["tensor_values"].items()]
    replaced = {"inputs": layers.expand(items(graph["inputs"])),
                "outputs": map(layers.shift_tail, map(encode, graph["outputs"])),
                "nodes": iter(node_texts), "tensor_values": layers.expand(values)}
    out.write('{"graph_module": {"graph": {')
    write_object(out, graph, replaced)
    out.write('}, "signature": {')
    signature = module["signature"]
    write_object(out, signature, {"input_specs": layers.expand(items(signature["input_specs"])),
                                  "output_specs": map(layers.shift_tail, map(encode, signature["output_specs"]))})
    out.write("}, ")
    rest = {key: value for key, value in module.items() if key not in ("graph", "signature")}
    write_object(out, rest, {"module_call_graph": layers.expand(items(rest["module_call_graph"]))})
    out.write("}, ")
    write_object(out, {key: value for key, value in program.items() if key != "graph_module"}, {})
    out.write("}")


def write_object(out, value, replaced):
    listing = Listing(out)
    for key, inner in value.items():
        if key not in replaced:
            listing.entry(key, inner)
            continue
        opening, closing = "{}" if isinstance(inner, dict) else "[]"
        listing.add(f"{encode(key)}: {opening}")
        within = Listing(out)
        for text in replaced[key]:
            within.add(text)
        out.write(closing)


def write_program(kind, nodes, path, source=None):
    with open(path, "w", encoding="ascii") as out:
        if kind == "dense":
            write_dense(nodes, out)
        else:
            write_real(nodes, source, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("dense", "real"))
    parser.add_argument("nodes", type=int)
    parser.add_argument("out")
    parser.add_argument("--from", dest="source", metavar="A.pt2")
    options = parser.parse_args()
    if options.kind == "real" and not options.source:
        parser.error("real needs --from A.pt2")
    write_program(options.kind, options.nodes, options.out, options.source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
