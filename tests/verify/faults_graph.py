# SPDX-License-Identifier: Apache-2.0
"""Faults in the graph: values, nodes, tables, subgraphs."""
from cases import first_use, names, values
from faults import fault


# ---- values ----

@fault("PT2-P101")
def use_of_nothing(case):
    node, argument = first_use(case)
    if node is None:
        return False
    names(argument)[0][0]["name"] = "nothing_of_that_name"


@fault("PT2-P101", "PT2-S104")
def output_of_nothing(case):
    for i, output in enumerate(case.graph["outputs"]):
        if "as_tensor" in output:
            output["as_tensor"]["name"] = "nothing_of_that_name"
            return None
    return False


@fault("PT2-P101")
def name_in_other_case(case):
    node, argument = first_use(case)
    if node is None:
        return False
    where, key = names(argument)[0]
    where[key] = where[key].upper()


@fault("PT2-P102")
def nodes_exchanged(case):
    for i, (a, b) in enumerate(zip(case.nodes, case.nodes[1:])):
        given = [v for o in a["outputs"] for v in values(o)]
        if any(v in given for x in b["inputs"] for v in values(x["arg"])):
            case.nodes[i], case.nodes[i + 1] = b, a
            return None
    return False


@fault("PT2-P102")
def last_node_first(case):
    defined = [v for n in case.nodes[:-1] for o in n["outputs"] for v in values(o)]
    if not any(v in defined for x in case.nodes[-1]["inputs"] for v in values(x["arg"])):
        return False
    case.nodes.insert(0, case.nodes.pop())


@fault("PT2-P102")
def use_of_own_result(case):
    for node in case.nodes:
        if "as_tensor" in node["outputs"][0]:
            for argument in node["inputs"]:
                if "as_tensor" in argument["arg"]:
                    argument["arg"]["as_tensor"]["name"] = node["outputs"][0]["as_tensor"]["name"]
                    return None
    return False


@fault("PT2-P101")
def node_dropped(case):
    for i, node in enumerate(case.nodes):
        given = [v for o in node["outputs"] for v in values(o)]
        if given and any(v in given for n in case.nodes[i + 1:] for x in n["inputs"] for v in values(x["arg"])):
            del case.nodes[i]
            return None
    return False


@fault("PT2-P103")
def node_twice(case):
    case.nodes.insert(0, case.nodes[0])


@fault("PT2-P103")
def two_results_of_one_name(case):
    tensors = [n for n in case.nodes if len(n["outputs"]) == 1 and "as_tensor" in n["outputs"][0]]
    if len(tensors) < 2:
        return False
    tensors[1]["outputs"][0]["as_tensor"]["name"] = tensors[0]["outputs"][0]["as_tensor"]["name"]


@fault("PT2-P103")
def result_called_like_an_input(case):
    tensor = next((i for i in case.graph["inputs"] if "as_tensor" in i), None)
    if tensor is None or "as_tensor" not in case.nodes[-1]["outputs"][0]:
        return False
    case.nodes[-1]["outputs"][0]["as_tensor"]["name"] = tensor["as_tensor"]["name"]


@fault("PT2-P104")
def description_dropped(case):
    for node in case.nodes:
        for output in node["outputs"]:
            if "as_tensor" in output:
                del case.graph["tensor_values"][output["as_tensor"]["name"]]
                return None
    return False


@fault("PT2-P104")
def description_of_an_input_dropped(case):
    for argument in case.graph["inputs"]:
        if "as_tensor" in argument:
            del case.graph["tensor_values"][argument["as_tensor"]["name"]]
            return None
    return False


@fault("PT2-P104")
def description_of_a_size_dropped(case):
    if not case.graph["sym_int_values"]:
        return False
    case.graph["sym_int_values"].popitem()


@fault("PT2-P105")
def description_in_another_table(case):
    if not case.graph["sym_int_values"]:
        return False
    name, value = case.graph["sym_int_values"].popitem()
    case.graph["tensor_values"][name] = next(iter(case.graph["tensor_values"].values()))


@fault("PT2-P106")
def description_of_nothing(case):
    case.graph["tensor_values"]["nobody"] = next(iter(case.graph["tensor_values"].values()))


@fault("PT2-P107")
def size_used_as_a_tensor(case):
    for node in case.nodes:
        for argument in node["inputs"]:
            if "as_sym_int" in argument["arg"] and "as_name" in argument["arg"]["as_sym_int"]:
                argument["arg"] = {"as_tensor": {"name": argument["arg"]["as_sym_int"]["as_name"]}}
                return None
    return False


@fault("PT2-P107")
def tensor_used_as_a_size(case):
    node, argument = first_use(case)
    if node is None:
        return False
    name = argument.pop("as_tensor")["name"]
    argument["as_sym_int"] = {"as_name": name}


@fault("PT2-P108")
def name_in_two_tables(case):
    name = next(iter(case.graph["tensor_values"]))
    case.graph["sym_int_values"][name] = {"as_int": 1}


@fault("PT2-P101")
def list_item_of_nothing(case):
    node, argument = first_use(case, "as_tensors")
    if node is None or not argument["as_tensors"]:
        return False
    argument["as_tensors"][0]["name"] = "nothing_of_that_name"


# ---- nodes ----

@fault("PT2-P110")
def target_of_no_form(case):
    case.nodes[0]["target"] = "aten.relu"


@fault("PT2-P110")
def target_without_overload(case):
    case.nodes[0]["target"] = "torch.ops.aten.relu"


@fault("PT2-P110")
def target_empty(case):
    case.nodes[0]["target"] = ""


@fault("PT2-X108")
def target_of_python(case):
    case.nodes[0]["target"] = "torch.hub.load"


@fault("PT2-X108")
def target_of_the_operator_module(case):
    case.nodes[0]["target"] = "_operator.attrgetter"


@fault("PT2-P111")
def input_of_a_wrong_kind(case):
    case.graph["inputs"][0] = {"as_ints": [1]}


@fault("PT2-P111")
def size_as_a_number_for_input(case):
    case.graph["inputs"][0] = {"as_sym_int": {"as_int": 3}}


@fault("PT2-P112")
def output_of_a_wrong_kind(case):
    case.graph["outputs"][0] = {"as_ints": [1]}


@fault("PT2-P112")
def text_for_output(case):
    case.graph["outputs"][0] = {"as_string": "x"}


@fault("PT2-P112")
def size_as_a_number_for_output(case):
    case.graph["outputs"][0] = {"as_sym_int": {"as_int": 3}}


@fault("PT2-P112")
def condition_as_a_constant_for_output(case):
    case.graph["outputs"][0] = {"as_sym_bool": {"as_bool": True}}


@fault("PT2-P113")
def bare_return_of_several(case):
    if len(case.graph["outputs"]) < 2:
        return False
    case.graph["is_single_tensor_return"] = True


@fault("PT2-P114")
def result_of_a_wrong_kind(case):
    case.nodes[-1]["outputs"].append({"as_int": 1})


@fault("PT2-P133")
def result_of_an_empty_list(case):
    case.nodes[-1]["outputs"] = [{"as_tensors": []}]


def add_to_results(case, member):
    """Another result of the first node that has several."""
    node = next((n for n in case.nodes if len(n["outputs"]) > 1), None)
    if node is None:
        return False
    node["outputs"].append(member)
    return None


@fault("PT2-P137")
def truth_among_several_results(case):
    case.graph["sym_bool_values"]["truth"] = {"as_bool": True}
    return add_to_results(case, {"as_sym_bool": {"as_name": "truth"}})


@fault("PT2-P137")
def object_among_several_results(case):
    case.graph["custom_obj_values"]["thing"] = {"name": "thing", "class_fqn": "a.Thing"}
    return add_to_results(case, {"as_custom_obj": {"name": "thing", "class_fqn": "a.Thing"}})


@fault("PT2-P138")
def optional_tensor_as_an_argument(case):
    node, argument = first_use(case)
    if node is None:
        return False
    argument["as_optional_tensor"] = {"as_tensor": argument.pop("as_tensor")}


@fault("PT2-P134")
def kernel_of_triton(case):
    case.nodes[-1]["target"] = "torch.ops.higher_order.triton_kernel_wrapper_functional"


@fault("PT2-P115")
def node_of_another_name(case):
    node = next((n for n in case.nodes if n.get("name") and "as_tensor" in n["outputs"][0]), None)
    if node is None:
        return False
    node["name"] += "_"


@fault("PT2-P115")
def node_without_a_name(case):
    if not case.nodes[0].get("name"):
        return False
    case.nodes[0]["name"] = None


@fault("PT2-P116")
def two_nodes_of_one_name(case):
    if len(case.nodes) < 2 or not case.nodes[0].get("name"):
        return False
    case.nodes[1]["name"] = case.nodes[0]["name"]


@fault("PT2-P117")
def flag_of_a_plain_node(case):
    node = case.node("aten.linear.default", "aten.add.Tensor", "aten.mul.Tensor")
    if node is None or "is_hop_single_tensor_return" not in node:
        return False
    node["is_hop_single_tensor_return"] = True


@fault("PT2-P117")
def flag_of_a_call_turned_round(case):
    node = next((n for n, _ in case.graph_calls()), None)
    if node is None or "is_hop_single_tensor_return" not in node:
        return False
    node["is_hop_single_tensor_return"] = not node["is_hop_single_tensor_return"]


@fault("PT2-P117")
def flag_of_a_call_missing(case):
    node = next((n for n, _ in case.graph_calls()), None)
    if node is None or node.get("is_hop_single_tensor_return") is None:
        return False
    node["is_hop_single_tensor_return"] = None


@fault("PT2-P118")
def place_behind_name(case):
    node = next((n for n in case.nodes if len(n["inputs"]) > 1 and n["inputs"][0].get("kind") == 1), None)
    if node is None:
        return False
    node["inputs"][0]["kind"] = 2
    node["inputs"][1]["kind"] = 1


@fault("PT2-P118")
def kind_not_said(case):
    node = next((n for n in case.nodes if n["inputs"] and n["inputs"][0].get("kind") == 1), None)
    if node is None:
        return False
    node["inputs"][0]["kind"] = 0


@fault("PT2-P120")
def kind_of_no_enum(case):
    node = next((n for n in case.nodes if n["inputs"] and n["inputs"][0].get("kind") == 1), None)
    if node is None:
        return False
    node["inputs"][0]["kind"] = 7


@fault("PT2-P119")
def module_stack_of_two_parts(case):
    case.nodes[0]["metadata"]["nn_module_stack"] = "L__self__,torch.nn.Linear"


@fault("PT2-P119")
def function_stack_of_three_parts(case):
    case.nodes[0]["metadata"]["source_fn_stack"] = "a,b,c"


@fault("PT2-P119")
def origin_that_is_no_json(case):
    case.nodes[0]["metadata"]["from_node"] = "[{"


@fault("PT2-P119")
def custom_that_is_no_json(case):
    case.program["graph_module"].setdefault("metadata", {})["custom"] = "{'a': 1}"


# ---- descriptions of tensors ----

def some_meta(case):
    return next(iter(case.graph["tensor_values"].values()))


@fault("PT2-P120")
def type_of_no_enum(case):
    some_meta(case)["dtype"] = 99


@fault("PT2-P120")
def type_unknown(case):
    some_meta(case)["dtype"] = 0


@fault("PT2-P120")
def layout_of_no_enum(case):
    some_meta(case)["layout"] = 0


@fault("PT2-P120")
def argument_type_of_no_enum(case):
    node, argument = first_use(case, "as_scalar_type")
    if node is None:
        return False
    argument["as_scalar_type"] = 77


@fault("PT2-P120")
def memory_format_of_no_enum(case):
    node, argument = first_use(case, "as_memory_format")
    if node is None:
        return False
    argument["as_memory_format"] = 0


@fault("PT2-P122")
def size_below_zero(case):
    meta = next((m for m in case.graph["tensor_values"].values() if m["sizes"]), None)
    if meta is None:
        return False
    meta["sizes"][0] = {"as_int": -1}


@fault("PT2-P122")
def stride_below_zero(case):
    meta = next((m for m in case.graph["tensor_values"].values() if m["strides"]), None)
    if meta is None:
        return False
    meta["strides"][0] = {"as_int": -1}


@fault("PT2-P122")
def stride_missing(case):
    meta = next((m for m in case.graph["tensor_values"].values() if m["strides"]), None)
    if meta is None:
        return False
    meta["strides"].pop()


@fault("PT2-P122")
def size_missing(case):
    meta = next((m for m in case.graph["tensor_values"].values() if m["sizes"]), None)
    if meta is None:
        return False
    meta["sizes"].pop()


@fault("PT2-P122")
def offset_below_zero(case):
    some_meta(case)["storage_offset"] = {"as_int": -8}


@fault("PT2-P123")
def device_of_no_kind(case):
    some_meta(case)["device"]["type"] = "gpu"


@fault("PT2-P123")
def device_number_below_zero(case):
    some_meta(case)["device"]["index"] = -1


@fault("PT2-P123")
def argument_device_of_no_kind(case):
    node, argument = first_use(case, "as_device")
    if node is None:
        return False
    argument["as_device"]["type"] = "gpu"


# ---- versions ----

@fault("PT2-P124")
def operator_sets_missing(case):
    case.program["opset_version"] = {}


@fault("PT2-P125", profile="load")
def major_of_yesterday(case):
    case.program["schema_version"]["major"] = 7


@fault("PT2-P126")
def dialect_that_nobody_has(case):
    case.program["verifiers"] = ["NOBODY"]


@fault("PT2-P127")
def version_of_nothing(case):
    case.program["torch_version"] = "latest"


@fault("PT2-P121")
def field_that_no_schema_has(case):
    case.program["graph_module"]["surprise"] = 1


# ---- subgraphs ----

def operand_list(node):
    return next((a["arg"]["as_tensors"] for a in reversed(node["inputs"]) if a["arg"].get("as_tensors")), None)


@fault("PT2-P130")
def operand_dropped(case):
    for node, _ in case.graph_calls():
        operands = operand_list(node)
        if operands:
            operands.pop()
            return None
        if "wrap_with" in node["target"]:
            node["inputs"].pop()
            return None
    return False


@fault("PT2-P130")
def subgraph_input_added(case):
    for _, graphs in case.graph_calls():
        graph = graphs[-1]["graph"]
        graph["inputs"].append({"as_int": 1})
        return None
    return False


@fault("PT2-P131")
def subgraph_output_added(case):
    for node, graphs in case.graph_calls():
        graphs[-1]["graph"]["outputs"] *= 2
        graphs[-1]["graph"]["is_single_tensor_return"] = False
        return None
    return False


@fault("PT2-P131")
def call_result_dropped(case):
    for node, _ in case.graph_calls():
        if len(node["outputs"]) > 1:
            node["outputs"].pop()
            return None
    return False


@fault("PT2-P129")
def subgraph_replaced_by_a_number(case):
    for node, _ in case.graph_calls():
        argument = next(a for a in node["inputs"] if "as_graph" in a["arg"])
        argument["arg"] = {"as_int": 1}
        return None
    return False


@fault("PT2-P129")
def condition_that_is_no_truth(case):
    for node, _ in case.graph_calls():
        if node["target"].endswith(".cond"):
            node["inputs"][0]["arg"] = {"as_int": 3}
            return None
    return False


@fault("PT2-P132")
def operand_of_another_type(case):
    for node, graphs in case.graph_calls():
        graph = graphs[-1]["graph"]
        meta = graph["tensor_values"].get(next(v for i in graph["inputs"] for v in values(i)))
        if meta is None:
            continue
        meta["dtype"] = 5 if meta["dtype"] != 5 else 7
        return None
    return False


@fault("PT2-P132")
def branch_result_of_another_type(case):
    for node, graphs in case.graph_calls():
        graph = graphs[-1]["graph"]
        result = values(graph["outputs"][0])
        if result and result[0] in graph["tensor_values"] and result[0] not in [v for i in graph["inputs"] for v in values(i)]:
            meta = graph["tensor_values"][result[0]]
            meta["dtype"] = 5 if meta["dtype"] != 5 else 7
            return None
    return False


@fault("PT2-P128")
def branches_of_one_name(case):
    for node, graphs in case.graph_calls():
        if len(graphs) == 2 and len(graphs[0]["graph"]["nodes"]) != len(graphs[1]["graph"]["nodes"]) or (
                len(graphs) == 2 and graphs[0]["graph"]["nodes"][0]["target"] != graphs[1]["graph"]["nodes"][0]["target"]):
            graphs[1]["name"] = graphs[0]["name"]
            return None
    return False


@fault("PT2-P101")
def subgraph_uses_what_is_outside(case):
    for node, graphs in case.graph_calls():
        for inner in graphs[0]["graph"]["nodes"]:
            for argument in inner["inputs"]:
                if "as_tensor" in argument["arg"]:
                    argument["arg"]["as_tensor"]["name"] = "only_outside"
                    return None
    return False
