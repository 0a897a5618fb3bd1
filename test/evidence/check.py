"""Checks recorded runs: that AWS would allow every call, and understand every request.

    check.py explained.json RUN...

A run is a folder as test/rig's Recorder leaves it. Prints what is wrong, a sentence a line, and ends
with 1 if anything is.
"""

import collections
import json
import pathlib
import subprocess
import sys

import actions
import model
import wire
from actions import Need
from stack import Stack


def main(explained, folders):
    wrong, used, granted, calls = [], set(), {}, 0
    for folder in folders:
        run = Run(folder)
        wrong += run.check()
        used |= run.used
        granted.update(dict.fromkeys(p.name for p in run.stack.permissions if p.statement["Effect"] == "Allow"))
        calls += run.calls
    wrong += unused(granted, used, json.loads(pathlib.Path(explained).read_text()))
    for line in dict.fromkeys(wrong):
        print(line)
    print(f"{calls} calls, {len(granted)} permissions, {len(used)} of them used, {len(set(wrong))} faults", file=sys.stderr)
    return 1 if wrong else 0


def unused(granted, used, explained):
    """Every permission is used or explained, and nothing else is explained.

    Of those that "timing" explains, chance decides whether a run uses them.
    """
    reasons = {**explained["unused"], **explained["timing"]}
    wrong = [f"{name}: no run has used it; remove it, or explain it in explained.json" for name in granted if name not in used | set(reasons)]
    for name, reason in reasons.items():
        if name not in granted:
            wrong.append(f"{name}: is explained in explained.json, and no longer granted")
        elif name in used and name in explained["unused"]:
            wrong.append(f"{name}: is explained in explained.json, and was used")
        elif len(reason.split()) < 3:
            wrong.append(f"{name}: has no reason in explained.json")
    return wrong


class Run:
    """One stack's calls."""

    def __init__(self, folder):
        self.folder = folder
        self.stack = Stack(folder)
        self.used = set()
        self.calls = 0
        self.needs = collections.OrderedDict()  # by key: the first Need, how often
        self.wrong = []

    def check(self):
        roles = self.stack.functions()
        silent = set(roles)
        for record in self.stack.records(self.folder):
            call = self.read(record)
            silent.discard(record["function"])
            if call is None:
                continue
            self.calls += 1
            if self.is_understood(call):
                self.add_needs(call, roles[call.function])
        self.wrong += [f"function {roles[f]}: no call of it was recorded" for f in sorted(silent)]
        for need in of_the_template(self.stack):
            self.add(need)
        self.evaluate()
        return self.wrong

    def read(self, record):
        """The call of a record; None where there is none."""
        try:
            return wire.read(record)
        except wire.Unreadable as e:
            self.wrong.append(f"function {self.stack.functions()[record['function']]}: {e}")
            return None

    def is_understood(self, call):
        """Whether the service would take the request; one that it refuses needs no permission."""
        problems = call.problems + model.check(call.params, call.operation.input_shape, call.operation.name)
        self.wrong += [f"function {self.stack.functions()[call.function]}: {call.name}: {p}" for p in problems]
        return not problems

    def add_needs(self, call, role):
        try:
            for action, resource, context in actions.needs(call, self.stack):
                self.add(Need(role, action, resource, f"function {role}: {call.name}", context))
            if call.name == "mediaconvert:CreateJob" and call.status < 300:
                self.add_job(call)
        except actions.Unknown as e:
            self.wrong.append(f"function {role}: {e}")

    def add_job(self, call):
        """What the service itself does with the job's role."""
        role = self.stack.role_of_arn(call.params["Role"])
        if role is None:
            self.wrong.append(f"mediaconvert:CreateJob passes {call.params['Role']}, which is no role of the stack")
            return
        settings = call.params["Settings"]
        for source in settings.get("Inputs", []):
            if source.get("FileInput", "").startswith("s3://"):
                self.add(Need(role, "s3:GetObject", actions.s3_arn(source["FileInput"]), "MediaConvert reads a job's input"))
        for group in settings.get("OutputGroups", []):
            for one in group.get("OutputGroupSettings", {}).values():
                if isinstance(one, dict) and one.get("Destination"):
                    self.add(Need(role, "s3:PutObject", actions.s3_arn(one["Destination"]) + "output", "MediaConvert writes a job's output"))

    def add(self, need):
        self.needs.setdefault(need.key, need)

    def evaluate(self):
        needs = list(self.needs.values())
        for need, answer in zip(needs, self.answers(needs)):
            if "error" in answer:
                self.wrong.append(f"{need.because}: {need.action} on {need.resource} cannot be evaluated: {answer['error']}")
            elif answer["result"] == "Allowed":
                self.used |= {p.name for p in self.stack.permissions if p.sid in answer["statements"]}
            else:
                why = "no statement allows it" if answer["result"] == "ImplicitlyDenied" else "a statement denies it"
                self.wrong.append(f"{need.because}: {need.action} on {need.resource} is denied for the role {need.role}: {why}")

    def answers(self, needs):
        statements = collections.defaultdict(list)
        for permission in self.stack.permissions:
            statements[permission.role].append(permission.statement)
        asked = {
            "account": self.stack.account, "roles": self.stack.role_arns(), "statements": statements,
            "resourcePolicies": self.stack.resource_policies(),
            "requests": [{"role": n.role, "action": n.action, "resource": n.resource, "context": n.context} for n in needs],
        }
        here = pathlib.Path(__file__).parent
        done = subprocess.run(["node", here / "evaluate.mjs"], input=json.dumps(asked), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"evaluate.mjs: {done.stderr}")
        return json.loads(done.stdout)


# ---------------------------------------------------------------- what services do by the template

def of_the_template(stack):
    """What services do with the stack's roles, whether or not a run shows it.

    Lambda: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html;
    Step Functions: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and xray-iam.html.
    """
    for _, function in stack.of_type("AWS::Lambda::Function"):
        yield from of_function(stack, stack.role_of(function["Role"]), function)
    for _, config in stack.of_type("AWS::Lambda::EventInvokeConfig"):
        role = stack.functions()[stack.referred(config["FunctionName"])]
        yield from of_destinations(stack, role, config.get("DestinationConfig", {}))
    for _, mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
        role = stack.functions()[stack.referred(mapping["FunctionName"])]
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            yield Need(role, f"sqs:{action}", stack.resolve(mapping["EventSourceArn"]), f"Lambda polls the queue of {role}")
        yield from of_destinations(stack, role, mapping.get("DestinationConfig", {}))
    for _, machine in stack.of_type("AWS::StepFunctions::StateMachine"):
        yield from of_machine(stack, stack.role_of(machine["RoleArn"]), machine)


def of_function(stack, role, function):
    group = stack.ref(stack.referred(function["LoggingConfig"]["LogGroup"]))
    stream = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:{group}:log-stream:one"
    for action in ("CreateLogStream", "PutLogEvents"):
        yield Need(role, f"logs:{action}", stream, f"Lambda writes the log of {role}")
    if function.get("TracingConfig", {}).get("Mode") == "Active":
        for action in ("PutTraceSegments", "PutTelemetryRecords"):
            yield Need(role, f"xray:{action}", "*", f"Lambda traces {role}")


def of_destinations(stack, role, config):
    actions_of = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}
    for one in config.values():
        arn = stack.resolve(one["Destination"])
        yield Need(role, actions_of[arn.split(":")[2]], arn, f"Lambda sends the failures of {role}")


def of_machine(stack, role, machine):
    definition = json.loads(stack.resolve(machine["DefinitionString"]))
    for name, state in definition["States"].items():
        if state["Type"] == "Task":
            yield Need(role, "lambda:InvokeFunction", task_function(state), f"Step Functions runs {name}")
        elif state["Type"] in ("Map", "Parallel"):
            raise ValueError(f"the state {name} has states in it, which are not looked at yet")
    if machine.get("LoggingConfiguration", {}).get("Level", "OFF") != "OFF":
        for action in ("CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies",
                       "GetLogDelivery", "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery"):
            yield Need(role, f"logs:{action}", "*", "Step Functions delivers the log of an execution")
    if machine.get("TracingConfiguration", {}).get("Enabled"):
        for action in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments"):
            yield Need(role, f"xray:{action}", "*", "Step Functions traces an execution")


def task_function(state):
    if state["Resource"].split(":")[2] == "lambda":
        return state["Resource"]
    if state["Resource"].startswith("arn:aws:states:::lambda:invoke"):
        return (state.get("Arguments") or state["Parameters"])["FunctionName"]
    raise ValueError(f"nobody has looked up what the task {state['Resource']} needs")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
