# SPDX-License-Identifier: Apache-2.0
"""Faults in calls of operators: names, arguments, what they give."""
from faults import fault

# ---- operators ----

@fault("PT2-O101")
def operator_that_is_not_there(case):
    case.nodes[0]["target"] = "torch.ops.aten.frobnicate.default"


@fault("PT2-O101")
def overload_that_is_not_there(case):
    node = next((n for n in case.nodes if n["target"].startswith("torch.ops.aten.")), None)
    if node is None:
        return False
    node["target"] = node["target"].rsplit(".", 1)[0] + ".Nothing"


def aten_node(case, least=1):
    return next((n for n in case.nodes if n["target"].startswith("torch.ops.aten.") and len(n["inputs"]) >= least), None)


@fault("PT2-O102")
def argument_of_another_name(case):
    node = aten_node(case)
    if node is None:
        return False
    node["inputs"].append({"name": "surprise", "arg": {"as_int": 1}, "kind": 2})


@fault("PT2-O103")
def argument_dropped(case):
    node = aten_node(case)
    if node is None:
        return False
    node["inputs"].pop(0)


@fault("PT2-O104")
def number_as_a_text(case):
    for node in case.nodes:
        if node["target"].startswith("torch.ops.aten."):
            for argument in node["inputs"]:
                if "as_int" in argument["arg"]:
                    argument["arg"] = {"as_string": "1"}
                    return None
    return False


@fault("PT2-O104")
def tensor_as_a_text(case):
    node = aten_node(case)
    if node is None or "as_tensor" not in node["inputs"][0]["arg"]:
        return False
    node["inputs"][0]["arg"] = {"as_string": "x"}


@fault("PT2-O104")
def tensor_as_none(case):
    node = aten_node(case)
    if node is None or "as_tensor" not in node["inputs"][0]["arg"]:
        return False
    node["inputs"][0]["arg"] = {"as_none": True}


@fault("PT2-O104")
def numbers_as_one_truth(case):
    for node in case.nodes:
        if node["target"].startswith("torch.ops.aten."):
            for argument in node["inputs"]:
                if argument["arg"].get("as_ints"):
                    argument["arg"] = {"as_bool": True}
                    return None
    return False


@fault("PT2-O104")
def arithmetic_on_a_text(case):
    node = next((n for n in case.nodes if n["target"].startswith("_operator.")), None)
    if node is None:
        return False
    node["inputs"][-1]["arg"] = {"as_string": "1"}


@fault("PT2-O103")
def arithmetic_on_one_number(case):
    node = next((n for n in case.nodes if n["target"].startswith("_operator.") and len(n["inputs"]) == 2), None)
    if node is None:
        return False
    node["inputs"].pop()


@fault("PT2-O105")
def argument_twice(case):
    node = aten_node(case)
    if node is None:
        return False
    node["inputs"].append(node["inputs"][0])


@fault("PT2-O106")
def result_too_many(case):
    node = aten_node(case)
    if node is None or "as_tensor" not in node["outputs"][0]:
        return False
    node["outputs"].append({"as_none": True})


@fault("PT2-O106")
def result_as_a_list(case):
    node = case.node("aten.linear.default", "aten.add.Tensor", "aten.relu.default", "aten.mul.Tensor")
    if node is None:
        return False
    node["outputs"] = [{"as_tensors": [node["outputs"][0]["as_tensor"]]}]


@fault("PT2-O107", "PT2-O109")
def arguments_in_another_order(case):
    node = aten_node(case, 2)
    if node is None or any(a.get("kind") == 2 for a in node["inputs"]):
        return False
    node["inputs"][0], node["inputs"][1] = node["inputs"][1], node["inputs"][0]


@fault("PT2-O108")
def operator_in_place_where_it_must_not_be(case):
    if case.program["verifiers"] == ["TRAINING"]:
        case.program["verifiers"] = ["ATEN"]
        return None if any(n["target"].split(".")[-2].endswith("_") for n in case.nodes) else False
    return False


@fault("PT2-O109")
def argument_by_place_behind_a_gap(case):
    node = next((n for n in case.nodes if n["target"].startswith("torch.ops.aten.") and len(n["inputs"]) > 2
                 and all(a.get("kind") == 1 for a in n["inputs"])), None)
    if node is None or node["target"] != "torch.ops.aten.linear.default":
        return False
    node["inputs"].pop(1)


@fault("PT2-O120")
def operands_exchanged(case):
    node = case.node("aten.linear.default", "aten.addmm.default", "aten.conv2d.default")
    if node is None:
        return False
    a, b = [i for i in node["inputs"] if "as_tensor" in i["arg"]][:2]
    a["arg"], b["arg"] = b["arg"], a["arg"]


@fault("PT2-O120")
def bias_of_another_layer(case):
    nodes = [n for n in case.nodes if n["target"] == "torch.ops.aten.linear.default" and len(n["inputs"]) == 3]
    tables = case.graph["tensor_values"]
    for a in nodes:
        for b in nodes:
            x, y = (n["inputs"][2]["arg"] for n in (a, b))
            if "as_tensor" in x and "as_tensor" in y and (tables[x["as_tensor"]["name"]]["sizes"]
                                                          != tables[y["as_tensor"]["name"]]["sizes"]):
                a["inputs"][2]["arg"] = y
                return None
    return False


def results(case):
    """Descriptions of what single nodes give, and no mutation."""
    for node in case.nodes:
        if node["target"].startswith("torch.ops.aten.") and len(node["outputs"]) == 1 and "as_tensor" in node["outputs"][0]:
            yield node, case.graph["tensor_values"][node["outputs"][0]["as_tensor"]["name"]]


@fault("PT2-O121")
def result_of_another_type(case):
    for _, meta in results(case):
        meta["dtype"] = 5 if meta["dtype"] != 5 else 7
        return None
    return False


@fault("PT2-O122", "PT2-O120")
def result_of_another_size(case):
    for _, meta in results(case):
        if meta["sizes"]:
            meta["sizes"][-1] = {"as_int": 12345}
            return None
    return False


@fault("PT2-O122", "PT2-O120")
def result_of_more_dimensions(case):
    for _, meta in results(case):
        meta["sizes"].insert(0, {"as_int": 1})
        meta["strides"].insert(0, {"as_int": 1})
        return None
    return False


@fault("PT2-O122")
def size_of_another_dimension(case):
    node = case.node("aten.sym_size.int")
    if node is None:
        return False
    case.graph["sym_int_values"][node["outputs"][0]["as_sym_int"]["as_name"]] = {"as_int": 12345}


@fault("PT2-O123")
def result_on_another_device(case):
    for node, meta in results(case):
        if any("as_tensor" in a["arg"] for a in node["inputs"]) and not any("as_device" in a["arg"] for a in node["inputs"]):
            meta["device"] = {"type": "cuda", "index": 0}
            return None
    return False


@fault("PT2-O122")
def sum_of_another_size(case):
    node = next((n for n in case.nodes if n["target"] in ("_operator.add", "_operator.mul")), None)
    if node is None or "as_sym_int" not in node["outputs"][0]:
        return False
    value = case.graph["sym_int_values"][node["outputs"][0]["as_sym_int"]["as_name"]]
    if "Symbol('s" not in value.get("as_expr", {}).get("expr_str", ""):
        return False
    value["as_expr"]["expr_str"] = f"Add({value['as_expr']['expr_str']}, Integer(1))"
    value["as_expr"]["hint"] = None


# ---- extensions ----

def extension_node(case):
    return next((n for n in case.nodes if n["target"].startswith("#")), None)


@fault("PT2-P135")
def extension_in_a_dialect_of_torch(case):
    if extension_node(case) is None:
        return False
    case.program["verifiers"] = ["TRAINING"]


@fault("PT2-P135")
def extension_in_two_dialects(case):
    if extension_node(case) is None:
        return False
    case.program["verifiers"].append("ATEN")


@fault("PT2-P136")
def extension_without_a_result(case):
    if extension_node(case) is None:
        return False
    case.nodes.append({"target": "#demo:note", "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "x"}}, "kind": 1}],
                       "outputs": [], "metadata": {}, "is_hop_single_tensor_return": None, "name": "note"})
