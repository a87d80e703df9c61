# SPDX-License-Identifier: Apache-2.0
"""Faults in signature, tree specs and symbols."""
import json

from cases import names, values
from faults import fault


# ---- signature ----

@fault("PT2-S101")
def input_spec_dropped(case):
    case.signature["input_specs"].pop()


@fault("PT2-S101")
def graph_input_dropped(case):
    case.graph["inputs"].pop()


@fault("PT2-S102")
def output_spec_dropped(case):
    case.signature["output_specs"].pop()


@fault("PT2-S102")
def output_added(case):
    case.graph["outputs"].append(case.graph["outputs"][-1])


@fault("PT2-S103")
def input_specs_exchanged(case):
    specs = case.signature["input_specs"]
    if len(specs) < 2:
        return False
    specs[0], specs[1] = specs[1], specs[0]


@fault("PT2-S103")
def inputs_exchanged(case):
    inputs = case.graph["inputs"]
    if len(inputs) < 2:
        return False
    inputs[0], inputs[-1] = inputs[-1], inputs[0]


@fault("PT2-S103")
def input_spec_of_another_name(case):
    spec = case.spec("parameter") or case.spec("buffer")
    if spec is None:
        return False
    spec["arg"]["name"] += "_"


@fault("PT2-S103")
def constant_input_of_another_value(case):
    spec = next((s["constant_input"] for s in case.signature["input_specs"]
                 if "as_int" in s.get("constant_input", {}).get("value", {})
                 or "as_float" in s.get("constant_input", {}).get("value", {})), None)
    if spec is None:
        return False
    spec["value"] = {"as_int": 12345}


@fault("PT2-S104")
def output_spec_of_another_value(case):
    for spec in case.signature["output_specs"]:
        if "as_tensor" in spec.get("user_output", {}).get("arg", {}):
            spec["user_output"]["arg"]["as_tensor"]["name"] += "_"
            return None
    return False


@fault("PT2-S104")
def outputs_exchanged(case):
    outputs = case.graph["outputs"]
    if len(outputs) < 2 or outputs[0] == outputs[-1]:
        return False
    outputs[0], outputs[-1] = outputs[-1], outputs[0]


@fault("PT2-S105")
def two_specs_of_one_target(case):
    buffers = [s["buffer"] for s in case.signature["input_specs"] if "buffer" in s]
    parameters = [s["parameter"] for s in case.signature["input_specs"] if "parameter" in s]
    if case.minor > 8 and len(parameters) > 1:
        parameters[1]["parameter_name"] = parameters[0]["parameter_name"]
    elif case.minor > 8 and len(buffers) > 1:
        buffers[1]["buffer_name"] = buffers[0]["buffer_name"]
    else:
        return False


@fault("PT2-S106")
def mutation_of_nothing(case):
    for kind, field in (("buffer_mutation", "buffer_name"), ("user_input_mutation", "user_input_name")):
        spec = case.spec(kind, "output_specs")
        if spec:
            spec[field] = "nothing"
            return None
    return False


@fault("PT2-S106")
def mutation_of_a_parameter_as_a_buffer(case):
    spec, parameter = case.spec("buffer_mutation", "output_specs"), case.spec("parameter")
    if spec is None or parameter is None:
        return False
    spec["buffer_name"] = parameter["parameter_name"]


@fault("PT2-S106")
def gradient_of_nothing(case):
    specs = case.signature["output_specs"]
    if "as_tensor" not in specs[-1].get("user_output", {}).get("arg", {}):
        return False
    specs[-1] = {"gradient_to_parameter": {"arg": specs[-1]["user_output"]["arg"]["as_tensor"], "parameter_name": "nothing"}}


@fault("PT2-S107")
def mutation_behind_the_results(case):
    specs, outputs = case.signature["output_specs"], case.graph["outputs"]
    if not any(k in specs[0] for k in ("buffer_mutation", "user_input_mutation")) or "user_output" not in specs[-1]:
        return False
    specs.append(specs.pop(0))
    outputs.append(outputs.pop(0))


@fault("PT2-S108")
def user_input_before_the_parameters(case):
    specs, inputs = case.signature["input_specs"], case.graph["inputs"]
    if "parameter" not in specs[0] or "user_input" not in specs[-1]:
        return False
    specs.insert(0, specs.pop())
    inputs.insert(0, inputs.pop())


@fault("PT2-S116")
def mutation_of_another_type(case):
    spec = case.spec("buffer_mutation", "output_specs") or case.spec("user_input_mutation", "output_specs")
    if spec is None:
        return False
    meta = case.graph["tensor_values"][spec["arg"]["name"]]
    meta["dtype"] = 5 if meta["dtype"] != 5 else 7


@fault("PT2-S117")
def target_mutated_twice(case):
    specs, outputs = case.signature["output_specs"], case.graph["outputs"]
    if not any(k in specs[0] for k in ("buffer_mutation", "user_input_mutation")):
        return False
    specs.insert(0, specs[0])
    outputs.insert(0, outputs[0])


@fault("PT2-S119")
def targets_exchanged(case):
    parameters = [s["parameter"] for s in case.signature["input_specs"] if "parameter" in s]
    if len(parameters) < 2 or not parameters[0]["arg"]["name"].startswith("p_"):
        return False
    a, b = parameters[0], parameters[1]
    if a["arg"]["name"] != "p_" + a["parameter_name"].replace(".", "_"):
        return False
    a["parameter_name"], b["parameter_name"] = b["parameter_name"], a["parameter_name"]


@fault("PT2-S120")
def target_without_text(case):
    spec = case.spec("parameter")
    if spec is None:
        return False
    spec["parameter_name"] = ""


# ---- trees ----

@fault("PT2-S109")
def tree_that_is_no_json(case):
    case.root_call["in_spec"] = case.root_call["in_spec"][:-1]


@fault("PT2-S109")
def tree_of_another_protocol(case):
    case.root_call["out_spec"] = case.root_call["out_spec"].replace("[1,", "[2,", 1)


@fault("PT2-S109")
def tree_node_without_type(case):
    case.root_call["out_spec"] = case.root_call["out_spec"].replace('"type"', '"kind"', 1)


@fault("PT2-S109")
def inputs_that_are_no_call(case):
    case.root_call["in_spec"] = case.root_call["out_spec"]


@fault("PT2-S109")
def dictionary_with_a_key_too_many(case):
    for side in ("in_spec", "out_spec"):
        text = case.root_call[side]
        if '"builtins.dict", "context": "[]"' in text:
            case.root_call[side] = text.replace('"builtins.dict", "context": "[]"', '"builtins.dict", "context": "[\\"k\\"]"', 1)
            return None
    return False


@fault("PT2-S110")
def leaf_dropped(case):
    tree = json.loads(case.root_call["in_spec"])
    children = tree[1]["children_spec"][0]["children_spec"]
    if not children:
        return False
    children.pop()
    case.root_call["in_spec"] = json.dumps(tree)


@fault("PT2-S110")
def leaf_of_the_outputs_added(case):
    leaf = {"type": None, "context": None, "children_spec": []}
    tree = json.loads(case.root_call["out_spec"])
    tree[1] = {"type": "builtins.tuple", "context": "null", "children_spec": [tree[1], leaf]}
    case.root_call["out_spec"] = json.dumps(tree)


@fault("PT2-S111", profile="load")
def tree_of_an_unknown_class(case):
    case.root_call["out_spec"] = json.dumps(
        [1, {"type": "my.Class", "context": "null", "children_spec": [json.loads(case.root_call["out_spec"])[1]]}])


@fault("PT2-X110", profile="untrusted")
def tree_that_imports(case):
    inner = json.loads(case.root_call["out_spec"])[1]
    context = {"default_factory_module": "antigravity", "default_factory_name": "fly", "dict_context": ["k"]}
    case.root_call["out_spec"] = json.dumps(
        [1, {"type": "collections.defaultdict", "context": context, "children_spec": [inner]}])


@fault("PT2-S112")
def whole_call_missing(case):
    case.program["graph_module"]["module_call_graph"] = []


@fault("PT2-S113")
def call_of_a_value_that_is_not_there(case):
    case.root_call["inputs"] = [{"as_tensor": {"name": "nothing"}}]


@fault("PT2-S114")
def call_twice(case):
    case.program["graph_module"]["module_call_graph"].append({"fqn": "", "signature": None})


@fault("PT2-S115")
def name_of_an_argument_too_many(case):
    if not case.root_call.get("forward_arg_names"):
        return False
    case.root_call["forward_arg_names"].append("more")


@fault("PT2-S118")
def named_tuple_of_other_fields(case):
    fields = case.program["graph_module"].get("treespec_namedtuple_fields")
    if not fields:
        return False
    next(iter(fields.values()))["field_names"].append("more")


# ---- symbols ----

def expressions(case):
    for meta in case.graph["tensor_values"].values():
        for size in meta["sizes"]:
            if "as_expr" in size:
                yield size["as_expr"]
    for value in case.graph["sym_int_values"].values():
        if "as_expr" in value:
            yield value["as_expr"]


def some_symbol(case):
    return next((k for k in case.program["range_constraints"] if k.isalnum()), None)


@fault("PT2-Y001", "PT2-Y002", "PT2-Y004")
def expression_of_nothing(case):
    expression = next(expressions(case), None)
    if expression is None:
        return False
    expression["expr_str"] = "Symbol('s0'"


@fault("PT2-X105")
def expression_that_runs(case):
    expression = next(expressions(case), None)
    if expression is None:
        return False
    expression["expr_str"] = "__import__('os').system('true')"


@fault("PT2-Y102")
def range_dropped(case):
    symbol = some_symbol(case)
    if symbol is None:
        return False
    del case.program["range_constraints"][symbol]


@fault("PT2-Y009")
def range_turned_round(case):
    symbol = some_symbol(case)
    if symbol is None:
        return False
    case.program["range_constraints"][symbol] = {"min_val": 5, "max_val": 3}


@fault("PT2-Y101")
def symbol_from_nowhere(case):
    expression = list(expressions(case))
    if not expression:
        return False
    expression[-1]["expr_str"] = "Symbol('s4711', positive=True, integer=True)"


@fault("PT2-Y101")
def symbol_of_data_from_nowhere(case):
    expression = list(expressions(case))
    if not expression:
        return False
    expression[-1]["expr_str"] = "Add(Symbol('u4711', integer=True), Integer(1))"


@fault("PT2-Y104", "PT2-Y107", "PT2-Y105")
def range_without_the_traced_size(case):
    for name, bounds in case.program["range_constraints"].items():
        hint = next((e["hint"]["as_int"] for e in expressions(case)
                     if e["expr_str"].startswith(f"Symbol('{name}'") and (e.get("hint") or {}).get("as_int")), None)
        if hint and name.startswith("s"):
            bounds["min_val"], bounds["max_val"] = hint + 1, hint + 5
            return None
    return False


@fault("PT2-Y105")
def hint_of_another_size(case):
    found = [e for e in expressions(case) if (e.get("hint") or {}).get("as_int") and "Symbol('s" in e["expr_str"]]
    if len(found) < 2:
        return False
    found[-1]["hint"] = {"as_int": found[-1]["hint"]["as_int"] + 1}


@fault("PT2-Y110")
def hint_of_another_kind(case):
    found = next((e for e in expressions(case) if (e.get("hint") or {}).get("as_int")), None)
    if found is None:
        return False
    found["hint"] = {"as_bool": True}


@fault("PT2-Y108")
def symbol_without_a_number(case):
    case.program["range_constraints"]["ux"] = {"min_val": 0, "max_val": 1}


@fault("PT2-Y109")
def size_always_below_zero(case):
    found = [s["as_expr"] for m in case.graph["tensor_values"].values() for s in m["sizes"]
             if s.get("as_expr", {}).get("expr_str", "").startswith("Symbol('s")]
    if not found:
        return False
    text = found[-1]["expr_str"]
    found[-1]["expr_str"] = f"Mul(Integer(-1), {text})"
    found[-1]["hint"] = None


@fault("PT2-Y106")
def guard_that_cannot_hold(case):
    guard = next((i for i, g in enumerate(case.program.get("guards_code", [])) if g.startswith("L['x'].size()")), None)
    if guard is None:
        return False
    case.program["guards_code"][guard] = "L['x'].size()[0] <= -1"


@fault("PT2-Y107", "PT2-Y106")
def guard_against_the_trace(case):
    guard = next((i for i, g in enumerate(case.program.get("guards_code", [])) if g.startswith("L['x'].size()")), None)
    if guard is None:
        return False
    case.program["guards_code"][guard] = "L['x'].size()[0] == 499"


@fault("PT2-X107")
def guard_that_runs(case):
    if "guards_code" not in case.program:
        return False
    case.program["guards_code"].append("__import__('os').system('true') == 0")


@fault("PT2-X106", profile="untrusted")
def guard_about_something_else(case):
    if "guards_code" not in case.program:
        return False
    case.program["guards_code"].append("L['x'].is_pinned()")
