"""Makes model.json: what MediaConvert's API takes and gives, without prose.

    python reduce.py           writes model.json
    python reduce.py --check   exits with 1 when model.json is not what this
                               botocore gives

Only facts are kept: shapes, members, types, enums, ranges, lengths, patterns.
"""

import gzip
import json
import os
import sys

import botocore

HERE = os.path.dirname(os.path.abspath(__file__))
API = "2017-08-29"
OPERATIONS = """
    CreateJob GetJob ListJobs CancelJob Probe
    CreateQueue UpdateQueue ListQueues GetQueue
    CreateJobTemplate GetJobTemplate UpdateJobTemplate ListJobTemplates DeleteJobTemplate
""".split()


def service_model():
    path = os.path.join(os.path.dirname(botocore.__file__), "data", "mediaconvert", API, "service-2.json.gz")
    with gzip.open(path) as f:
        return json.load(f)


def reduced_operation(op):
    out = {"method": op["http"]["method"], "uri": op["http"]["requestUri"]}
    for side in "input", "output":
        if side in op:
            out[side] = op[side]["shape"]
    return out


def reduced_shape(shape):
    out = {key: shape[key] for key in ("type", "enum", "min", "max", "pattern") if key in shape}
    for key in "member", "key", "value":
        if key in shape:
            out[key] = shape[key]["shape"]
    members = shape.get("members", {})
    wire = {name: member.get("locationName", name) for name, member in members.items()}
    if shape["type"] == "structure":
        out["members"] = {wire[name]: reduced_member(member) for name, member in members.items()}
    if shape.get("required"):
        out["required"] = sorted(wire[name] for name in shape["required"])
    return out


def reduced_member(member):
    out = {"shape": member["shape"]}
    if "location" in member:  # uri or querystring: not in the body
        out["location"] = member["location"]
    return out


def reach(shapes, name, seen):
    if name in seen:
        return
    seen.add(name)
    shape = shapes[name]
    for key in "member", "key", "value":
        if key in shape:
            reach(shapes, shape[key]["shape"], seen)
    for member in shape.get("members", {}).values():
        reach(shapes, member["shape"], seen)


def lines(name, table):
    """One line an entry, so that a new botocore shows as a small diff."""
    entries = (f"{json.dumps(k)}: {json.dumps(table[k], sort_keys=True)}" for k in sorted(table))
    return f"{json.dumps(name)}: {{\n" + ",\n".join(entries) + "\n}"


def reduced():
    model = service_model()
    operations = {name: reduced_operation(model["operations"][name]) for name in OPERATIONS}
    seen = set()
    for op in operations.values():
        for side in "input", "output":
            if side in op:
                reach(model["shapes"], op[side], seen)
    shapes = {name: reduced_shape(model["shapes"][name]) for name in seen}
    head = f'"apiVersion": {json.dumps(API)},\n"botocore": {json.dumps(botocore.__version__)}'
    return "{\n" + ",\n".join([head, lines("operations", operations), lines("shapes", shapes)]) + "\n}\n"


def main(args):
    path = os.path.join(HERE, "model.json")
    if args == ["--check"]:
        with open(path) as f:
            if f.read() != reduced():
                sys.exit(f"model.json differs from botocore {botocore.__version__}: run reduce.py")
        return
    if args:
        sys.exit("usage: reduce.py [--check]")
    with open(path, "w") as f:
        f.write(reduced())


main(sys.argv[1:])
