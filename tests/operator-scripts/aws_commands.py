"""Checks calls of the AWS command line against botocore's models of the services.

A call is a list of arguments, without `aws`. Version 2 of the command line is not on PyPI, and is made from the same
models: an operation is a command, a member of its input an option.
"""

import botocore.session
import jmespath
from botocore import xform_name

# https://docs.aws.amazon.com/cli/latest/reference/#global-options and the options of pages and of binary values.
GLOBAL_OPTIONS = {"cli-binary-format", "max-items", "output", "query", "region"}

# Commands that no model describes, with their options. https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html
OTHER_COMMANDS = {("logs", "tail"): {"filter-pattern", "follow", "since"}}

# Commands whose last argument is a file for the answer.
WITH_FILE = {("lambda", "invoke")}

SESSION = botocore.session.get_session()
LOADER = SESSION.get_component("data_loader")


class WrongCommand(Exception):
    """A call that the command line would refuse."""


def check(call):
    """Raises WrongCommand if the service has no such operation, the operation no such option, or the answer no such
    field."""
    service, operation, *words = call
    if (service, operation) in OTHER_COMMANDS:
        refuse_unknown(call, option_names(words) - OTHER_COMMANDS[service, operation] - GLOBAL_OPTIONS)
        return
    model = load_model("s3" if service == "s3api" else service, call)
    if operation == "wait":
        waiters = LOADER.load_service_model(model.service_name, "waiters-2")["waiters"]
        waiters = {xform_name(name, "-"): waiter["operation"] for name, waiter in waiters.items()}
        waiter, *words = words
        if waiter not in waiters:
            raise WrongCommand(f"{call}: no waiter {waiter}")
        operation_name = waiters[waiter]
    else:
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        if operation not in operations:
            raise WrongCommand(f"{call}: no operation {operation}")
        operation_name = operations[operation]
    check_operation(call, model.operation_model(operation_name), words)


def load_model(service, call):
    """Returns the model of a service."""
    if service not in SESSION.get_available_services():
        raise WrongCommand(f"{call}: no service {service}")
    return SESSION.get_service_model(service)


def check_operation(call, operation, words):
    """Checks the options of an operation, and the query of its answer."""
    members = operation.input_shape.members if operation.input_shape else {}
    options = {xform_name(name, "-") for name in members}
    switches = {xform_name(name, "-") for name, shape in members.items() if shape.type_name == "boolean"}
    switches |= {f"no-{name}" for name in switches} | {"no-paginate"}
    given = option_names(words)
    refuse_unknown(call, given - options - switches - GLOBAL_OPTIONS)
    required = operation.input_shape.required_members if operation.input_shape else []
    # The command line makes tokens by itself.
    missing = {xform_name(name, "-") for name in set(required) - set(operation.idempotent_members)}
    missing -= given | {name.removeprefix("no-") for name in given}
    if missing:
        raise WrongCommand(f"{call}: without {sorted(missing)}")
    options_only = words[:-1] if tuple(call[:2]) in WITH_FILE else words
    for before, word in zip(["--no-paginate", *options_only], options_only):
        if not word.startswith("--") and before.startswith("--") and before[2:] in switches:
            raise WrongCommand(f"{call}: {word} belongs to no option")
    if "query" in given:
        query = words[words.index("--query") + 1]
        shape_of(jmespath.compile(query).parsed, operation.output_shape, call)


def option_names(words):
    """Returns the names of the options."""
    return {word[2:] for word in words if word.startswith("--")}


def refuse_unknown(call, unknown):
    """Raises WrongCommand if there are unknown options."""
    if unknown:
        raise WrongCommand(f"{call}: no option {sorted(unknown)}")


def shape_of(node, shape, call):
    """Returns the shape of the value that a node of a query selects from a value of a shape. None is any shape."""
    children = node["children"]
    match node["type"]:
        case "field":
            return member_of(shape, node["value"], call)
        case "subexpression" | "index_expression":
            for child in children:
                shape = shape_of(child, shape, call)
            return shape
        case "index":
            return element_of(shape, call)
        case "flatten":
            return shape_of(children[0], shape, call)
        case "projection" | "filter_projection":
            element = element_of(shape_of(children[0], shape, call), call)
            for condition in children[2:]:
                shape_of(condition, element, call)
            shape_of(children[1], element, call)
            return None
        case "multi_select_list":
            return [shape_of(child, shape, call) for child in children][0]
        case "multi_select_dict" | "key_val_pair" | "comparator":
            for child in children:
                shape_of(child, shape, call)
            return None
        case "identity":
            return shape
        case "literal":
            return None
        case other:
            raise WrongCommand(f"{call}: the check does not know {other} in a query")


def member_of(shape, name, call):
    """Returns the shape of a field."""
    if shape is None:
        return None
    if shape.type_name == "map":
        return shape.value
    if shape.type_name != "structure" or name not in shape.members:
        raise WrongCommand(f"{call}: the answer has no {name}")
    return shape.members[name]


def element_of(shape, call):
    """Returns the shape of the elements of a list."""
    if shape is None:
        return None
    if shape.type_name != "list":
        raise WrongCommand(f"{call}: {shape.name} is no list")
    return shape.member
