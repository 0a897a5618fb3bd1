"""What a deployed stack allows: its template, with the names that its resources got."""

import itertools
import json
import pathlib
import re


class Permission:
    """One action on one resource that a role is granted or denied."""

    def __init__(self, sid, role, action, resource, statement, resolve):
        self.sid = sid
        self.role = role
        self.action = action
        self.statement = {**statement, "Sid": sid, "Action": action, "Resource": resolve(resource)}
        self.name = f"{role}: {action} on {describe(resource)}"


class Stack:
    """One stack of a run."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.name = folder.name
        self.resources = json.loads((folder / "template.json").read_text())["Resources"]
        self.physical = json.loads((folder / "resources.json").read_text())
        machine = next(v for v in self.physical.values() if v.startswith("arn:aws:states:"))
        self.region, self.account = machine.split(":")[3:5]
        self.machines = [self.physical[i] for i, _ in self.of_type("AWS::StepFunctions::StateMachine")]
        self.permissions = list(self._permissions())

    def of_type(self, *kinds):
        """The resources of these types, as far as their conditions had them deployed."""
        return [(i, r.get("Properties", {})) for i, r in self.resources.items() if r["Type"] in kinds and i in self.physical]

    def records(self, folder):
        with open(pathlib.Path(folder) / "calls.jsonl") as lines:
            return [json.loads(line) for line in lines]

    # ------------------------------------------------------------ roles

    def functions(self):
        """The role of each function, by the function's logical id."""
        return {i: role_name(self.referred(p["Role"])) for i, p in self.of_type("AWS::Lambda::Function")}

    def role_of_arn(self, arn):
        """The role with this ARN; None when it is not of the stack."""
        for i, _ in self.of_type("AWS::IAM::Role"):
            if arn.endswith("/" + self.physical[i]):
                return role_name(i)
        return None

    def role_of(self, value):
        return role_name(self.referred(value))

    def role_arns(self):
        return {role_name(i): self.attribute(i, "Arn") for i, _ in self.of_type("AWS::IAM::Role")}

    def _permissions(self):
        numbers = itertools.count(1)
        for role, statement in self._statements():
            if "NotAction" in statement or "NotResource" in statement:
                raise ValueError(f"{role} has a statement of what it does not name, which cannot be counted")
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    yield Permission(f"P{next(numbers)}", role, action, resource, statement, self.resolve)

    def _statements(self):
        for i, role in self.of_type("AWS::IAM::Role"):
            if role.get("ManagedPolicyArns"):
                raise ValueError(f"{i} has managed policies, whose text is not in the template")
            for policy in role.get("Policies", []):
                yield from ((role_name(i), s) for s in policy["PolicyDocument"]["Statement"])
        for _, policy in self.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            for role in policy["Roles"]:
                yield from ((role_name(self.referred(role)), s) for s in policy["PolicyDocument"]["Statement"])

    def resource_policies(self):
        """The policies of buckets, queues and topics, by ARN."""
        owners = {"AWS::S3::BucketPolicy": "Bucket", "AWS::SQS::QueuePolicy": "Queues", "AWS::SNS::TopicPolicy": "Topics"}
        found = {}
        for kind, owner in owners.items():
            for _, policy in self.of_type(kind):
                for resource in listed(policy[owner]):
                    found[self.attribute(self.referred(resource), "Arn")] = self.resolve(policy["PolicyDocument"])
        return found

    # ------------------------------------------------------------ intrinsics

    def resolve(self, value):
        """The value with the deployed names in it."""
        if isinstance(value, list):
            return [self.resolve(v) for v in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (key, inner), = value.items()
            if key == "Ref":
                return self.ref(inner)
            if key == "Fn::GetAtt":
                return self.attribute(*(inner if isinstance(inner, list) else inner.split(".", 1)))
            if key == "Fn::Join":
                return inner[0].join(self.resolve(v) for v in inner[1])
            if key.startswith("Fn::"):
                raise ValueError(f"{key} is not resolved yet")
        return {k: self.resolve(v) for k, v in value.items()}

    def ref(self, name):
        pseudo = {"AWS::Region": self.region, "AWS::AccountId": self.account, "AWS::Partition": "aws",
                  "AWS::URLSuffix": "amazonaws.com", "AWS::StackName": self.name}
        return pseudo[name] if name in pseudo else self.physical[name]

    def attribute(self, i, name):
        """What Fn::GetAtt gives, as far as policies ask for it."""
        physical, kind, here = self.physical[i], self.resources[i]["Type"], f"{self.region}:{self.account}"
        last = re.split("[/:]", physical)[-1]
        arns = {
            "AWS::S3::Bucket": f"arn:aws:s3:::{physical}",
            "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{here}:table/{physical}",
            "AWS::Lambda::Function": f"arn:aws:lambda:{here}:function:{physical}",
            "AWS::SQS::Queue": f"arn:aws:sqs:{here}:{last}",
            "AWS::SNS::Topic": physical,
            "AWS::StepFunctions::StateMachine": physical,
            "AWS::IAM::Role": f"arn:aws:iam::{self.account}:role/{physical}",
            "AWS::Logs::LogGroup": f"arn:aws:logs:{here}:log-group:{physical}:*",
            "AWS::KMS::Key": f"arn:aws:kms:{here}:key/{physical}",
        }
        if name in ("Arn", "TopicArn") and kind in arns:
            return arns[kind]
        if name in ("Name", "QueueName", "TopicName"):
            return last
        return f"{i}.{name}"

    def referred(self, value):
        """The logical id in a Ref or a GetAtt."""
        if "Ref" in value:
            return value["Ref"]
        at = value["Fn::GetAtt"]
        return at[0] if isinstance(at, list) else at.split(".")[0]


def role_name(logical):
    """ApiRole1873F438 is api."""
    return re.sub(r"Role[0-9A-F]{8}$", "", logical).lower()


def describe(value):
    """A resource by the logical ids of what it is made of."""
    text = symbolic(value)
    return text.split(":", 5)[-1] if text.startswith("arn:") else text


def symbolic(value):
    if isinstance(value, str):
        return value
    (key, inner), = value.items()
    if key == "Ref":
        return inner.replace("AWS::", "")
    if key == "Fn::GetAtt":
        return inner[0] if inner[1] in ("Arn", "TopicArn", "Name") else ".".join(inner)
    if key == "Fn::Join":
        return inner[0].join(symbolic(v) for v in inner[1])
    return json.dumps(value)


def listed(value):
    return value if isinstance(value, list) else [value]
