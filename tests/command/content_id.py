# SPDX-License-Identifier: Apache-2.0
"""docs/content-id.md once more, without libpt2: the hash of the tensors, of the program, and of both."""
import hashlib
import re
import struct


def digest(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def leaf(name, dtype, shape, elements):
    """ELEMENTS: row-major, little-endian; None if they cannot be had."""
    kind = dtype + (" " + ",".join(map(str, shape)) if shape else "")
    return digest(b"pt2h1 tensor\n", name.encode(), b"\0", kind.encode(), b"\0",
                  b"" if elements is None else hashlib.sha256(elements).digest())


def tree(leaves):
    """LEAVES: name -> hash."""
    row = [leaves[name] for name in sorted(leaves, key=str.encode)]
    if not row:
        return digest(b"pt2h1 empty\n")
    while len(row) > 1:
        row = [digest(b"pt2h1 pair\n", *row[i:i + 2]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


def content(graph_hash, weights_hash):
    return "pt2h1:" + digest(b"pt2h1 content\n", graph_hash, weights_hash).hex()


# ---- Thrift compact, by the IDL alone ----

CODES = {"bool": 1, "i32": 5, "i64": 6, "double": 7, "string": 8, "list": 9, "map": 11}


def read_idl(text):
    """Of each struct and union its fields in order of id, (id, name, type); and what kind each type is."""
    types, kinds = {}, {}
    text = re.sub(r"/\*.*?\*/|//[^\n]*|\([^()]*\"[^()]*\)", "", text, flags=re.S)
    for kind, name, body in re.findall(r"(struct|union|enum) (\w+) \{(.*?)\}", text, flags=re.S):
        fields = re.findall(r"(\d+): (?:optional )?([\w<>, ]+?)(?: &)? (\w+)\s*$", body, flags=re.M)
        types[name] = sorted((int(number), field, type_.replace(" ", "")) for number, type_, field in fields)
        kinds[name] = kind
    return types, kinds


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def zigzag(number):
    return varint(2 * number if number >= 0 else -2 * number - 1)


class Compact:
    """Values as json.load() gives them, and bytes for texts, to Thrift compact."""

    def __init__(self, idl):
        self.types, self.kinds = read_idl(idl)

    def code(self, type_):
        word = type_.split("<")[0]
        return CODES[word] if word in CODES else 5 if self.kinds[word] == "enum" else 12

    def list(self, inner, items):
        head = bytes([min(len(items), 15) << 4 | self.code(inner)]) + (varint(len(items)) if len(items) > 14 else b"")
        return head + b"".join(self.value(inner, item) for item in items)

    def map(self, key, inner, entries):
        head = varint(len(entries)) + (bytes([self.code(key) << 4 | self.code(inner)]) if entries else b"")
        return head + b"".join(self.value(key, name) + self.value(inner, item) for name, item in entries.items())

    def value(self, type_, value):
        word, _, inner = type_.partition("<")
        if word == "list":
            return self.list(inner[:-1], value)
        if word == "map":
            return self.map(*inner[:-1].split(",", 1), value)
        if word == "string":
            value = value if isinstance(value, bytes) else value.encode()
            return varint(len(value)) + value
        if word == "bool":
            return bytes([1 if value else 2])
        if word == "double":
            return struct.pack("<d", float(value))
        return self.record(word, value) if self.code(word) == 12 else zigzag(value)

    def record(self, name, record):
        out, last = b"", 0
        for number, field, type_ in self.types[name]:
            value = record.get(field)
            if value is None:
                continue
            code = self.code(type_)
            code = 2 if code == 1 and value is False else code
            out += bytes([number - last << 4 | code]) if number - last < 16 else bytes([code]) + zigzag(number)
            out += b"" if code in (1, 2) else self.value(type_, value)
            last = number
        return out + b"\0"


# ---- the program ----

TABLES = {"tensor_values": "TensorMeta", "sym_int_values": "SymInt", "sym_bool_values": "SymBool", "sym_float_values": "SymFloat",
          "custom_obj_values": "CustomObjArgument"}
MEMBERS = {"as_tensor": 0, "as_tensors": 0, "as_nested_tensors": 0, "as_optional_tensor": 0, "as_optional_tensors": 0, "as_sym_int": 1,
           "as_sym_ints": 1, "as_sym_bool": 2, "as_sym_bools": 2, "as_sym_float": 3, "as_sym_floats": 3, "as_custom_obj": 4}
EMPTY = {"inputs": [], "outputs": [], "nodes": [], "tensor_values": {}, "sym_int_values": {}, "sym_bool_values": {},
         "is_single_tensor_return": False}
INPUTS = {"token": (0, None), "parameter": (1, "parameter_name"), "buffer": (2, "buffer_name"), "custom_obj": (4, "custom_obj_name"),
          "tensor_constant": (3, "tensor_constant_name"), "user_input": (5, None), "constant_input": (5, None)}
OUTPUTS = {"token": (0, None), "parameter_mutation": (1, "parameter_name"), "buffer_mutation": (2, "buffer_name"),
           "user_output": (4, None), "loss_output": (4, None), "gradient_to_parameter": (5, "parameter_name")}


def sort_key(classes, spec):
    (kind, inner), = spec.items()
    number, field = classes[kind]
    return (number, inner[field].encode() if field else b"")


def renamed(value, new):
    """A member of an argument, each name in it of a value changed by NEW."""
    if isinstance(value, list):
        return [renamed(item, new) for item in value]
    if "as_tensor" in value:
        return {"as_tensor": renamed(value["as_tensor"], new)}
    for key in ("name", "as_name"):
        if key in value:
            return dict(value, **{key: new(value[key])})
    return value


class Program:
    """What of a program counts: of one that does nothing but compute values. The effects of the others are told in
    docs/canonical-form.md."""

    def __init__(self, idl):
        self.compact = Compact(idl)

    def argument(self, argument, new):
        (member, value), = argument.items()
        if member in MEMBERS:
            return {member: renamed(value, new)}
        if member == "as_string_to_argument":
            return {member: {key: self.argument(item, new) for key, item in value.items()}}
        if member == "as_graph":
            return {member: {"name": self.graph(value["graph"])[0], "graph": EMPTY}}
        return argument

    @staticmethod
    def values_of(arguments):
        """The names, and which table describes each."""
        out = []
        for argument in arguments:
            (member, value), = argument.items()
            if member in MEMBERS:
                renamed(value, lambda name, table=MEMBERS[member]: out.append((name, table)))
        return out

    def meta(self, graph, name, table):
        key = list(TABLES)[table]
        value = graph[key][name]
        if table == 4 and value["name"] == name:
            value = dict(value, name="")
        return bytes([table]) + self.compact.record(TABLES[key], value)

    def node(self, graph, node, new):
        record = {"target": node["target"], "metadata": {}, "is_hop_single_tensor_return": node.get("is_hop_single_tensor_return"),
                  "inputs": [dict(item, arg=self.argument(item["arg"], new)) for item in node["inputs"]],
                  "outputs": [self.argument(item, lambda name: "") for item in node["outputs"]]}
        metas = [self.meta(graph, *value) for value in self.values_of(node["outputs"]) if value[0]]
        return digest(b"pt2h1 node\n", self.compact.record("Node", record), *metas)

    def graph(self, graph, tied=None):
        """The hash, and what the values are called. TIED: of each value that is an input, the number of the first that
        stands for the same."""
        names, marks, uses = {}, {}, {}

        def new(name):
            if name in uses:
                uses[name] += 1
            return names.get(name, name)

        inputs = self.values_of(graph["inputs"])
        tied = tied or range(len(inputs))
        names = {name: struct.pack("<I", tied[i]) for i, (name, _) in enumerate(inputs)}
        for i, node in enumerate(graph["nodes"]):
            marks[i] = self.node(graph, node, new)
            given = [name for name, _ in self.values_of(node["outputs"]) if name]
            for place, name in enumerate(given):
                names[name] = marks[i] + struct.pack("<I", place)
                uses[name] = 0
            node["given"] = given
        record = dict(EMPTY, is_single_tensor_return=graph.get("is_single_tensor_return", False),
                      inputs=[self.argument(item, new) for item in graph["inputs"]],
                      outputs=[self.argument(item, new) for item in graph["outputs"]])
        for table in TABLES:
            left = {name: value for name, value in sorted(graph.get(table, {}).items()) if name not in names}
            if left:
                record[table] = left
        metas = sorted((tied[i], self.meta(graph, *value)) for i, value in enumerate(inputs))
        ends = sorted(mark + struct.pack("<I", sum(uses[name] for name in graph["nodes"][i]["given"])) for i, mark in marks.items())
        return digest(b"pt2h1 graph\n", self.compact.record("Graph", record), *(meta for _, meta in metas), *ends), names

    def signature(self, signature, names):
        def spec(item):
            (kind, inner), = item.items()
            if kind == "constant_input":
                return {kind: dict(inner, name=f"_c{next(constants)}")}
            argument = inner["arg"]
            argument = renamed(argument, names.get) if "name" in argument else self.argument(argument, lambda name: names.get(name, name))
            return {kind: dict(inner, arg=argument)}

        constants = iter(range(1 << 30))
        return {key: [spec(item) for item in signature[key]] for key in ("input_specs", "output_specs")}

    def sorted_pairs(self, module, arguments, specs, classes):
        graph, signature = module["graph"], module["signature"]
        pairs = sorted(zip(graph[arguments], signature[specs]), key=lambda pair: sort_key(classes, pair[1]))
        graph[arguments], signature[specs] = [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def tied(self, module):
        out, before = [], None
        for argument, spec in zip(module["graph"]["inputs"], module["signature"]["input_specs"]):
            key = sort_key(INPUTS, spec)
            if self.values_of([argument]):
                out.append(out[-1] if key == before and 1 <= key[0] <= 4 else len(out))
                before = key
        return out

    def digest(self, program):
        module = program["graph_module"]
        self.sorted_pairs(module, "inputs", "input_specs", INPUTS)
        self.sorted_pairs(module, "outputs", "output_specs", OUTPUTS)
        graph, names = self.graph(module["graph"], self.tied(module))
        calls = []
        for entry in sorted(module["module_call_graph"], key=lambda entry: entry["fqn"].encode()):
            call = entry["signature"]
            if call is not None:
                call = dict(call, **{key: [self.argument(item, lambda name: names.get(name, name)) for item in call[key]]
                                     for key in ("inputs", "outputs")})
            calls.append({"fqn": entry["fqn"], "signature": call})
        out = {"graph_module": {"graph": EMPTY, "signature": self.signature(module["signature"], names), "module_call_graph": calls,
                                "treespec_namedtuple_fields": dict(sorted(module.get("treespec_namedtuple_fields", {}).items())) or None},
               "schema_version": {"major": 8, "minor": 0}, "verifiers": program.get("verifiers") or None,
               "guards_code": sorted(program.get("guards_code", [])) or None}
        for key in ("opset_version", "range_constraints"):
            out[key] = dict(sorted(program[key].items()))
        return digest(b"pt2h1 program\n", graph, self.compact.record("ExportedProgram", out))
