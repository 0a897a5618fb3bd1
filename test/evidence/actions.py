"""Which permissions a call needs, by the Service Authorization Reference.

https://docs.aws.amazon.com/service-authorization/latest/reference/ lists actions, and the services'
own pages say which calls check which: for S3
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html, and the
"Permissions" of each call in its API reference, which botocore's models quote.
A call that is not here fails the check, so that whoever makes a new one looks it up.
"""

import urllib.parse


class Need:
    """A role must be allowed an action on a resource."""

    def __init__(self, role, action, resource, because, context=None):
        self.role = role
        self.action = action
        self.resource = resource
        self.because = because
        self.context = context or {}

    @property
    def key(self):
        return self.role, self.action, self.resource, tuple(sorted(self.context.items()))


class Unknown(Exception):
    """A call of which nobody has looked up what it needs."""


def needs(call, stack):
    """The needs of a call, as (action, resource, context)."""
    if call.name not in TABLE:
        raise Unknown(f"{call.name}: actions.py does not say which permissions it needs")
    return list(TABLE[call.name](call, stack))


# ---------------------------------------------------------------- S3

def bucket(call):
    return f"arn:aws:s3:::{call.params['Bucket']}"


def thing(call):
    return f"{bucket(call)}/{call.params['Key']}"


def on_object(*actions, with_version=None):
    """A call on one object. Whether a missing one is 404 or 403 is up to ListBucket."""

    def of(call, _):
        for action in with_version if with_version and call.params.get("VersionId") else actions:
            yield action, thing(call), {}
        if call.status == 404 and not call.presigned:
            yield "s3:ListBucket", bucket(call), {"s3:prefix": ""}

    return of


def on_bucket(action):
    def of(call, _):
        yield action, bucket(call), {"s3:prefix": call.params.get("Prefix", "")}

    return of


def put(call, _):
    yield "s3:PutObject", thing(call), {}
    if call.params.get("Tagging"):
        yield "s3:PutObjectTagging", thing(call), {}
    if call.params.get("ACL"):
        yield "s3:PutObjectAcl", thing(call), {}


def copy(call, _):
    source = urllib.parse.unquote(call.params["CopySource"]).removeprefix("/")
    source, _, version = source.partition("?versionId=")
    yield "s3:GetObjectVersion" if version else "s3:GetObject", f"arn:aws:s3:::{source}", {}
    yield "s3:PutObject", thing(call), {}


def delete_many(call, _):
    """For a version, "you must always specify the s3:DeleteObject permission", too."""
    for one in call.params["Delete"]["Objects"]:
        yield "s3:DeleteObject", f"{bucket(call)}/{one['Key']}", {}
        if one.get("VersionId"):
            yield "s3:DeleteObjectVersion", f"{bucket(call)}/{one['Key']}", {}


# ---------------------------------------------------------------- DynamoDB

def table(name, stack):
    return name if name.startswith("arn:") else f"arn:aws:dynamodb:{stack.region}:{stack.account}:table/{name}"


def on_item(call, stack):
    yield f"dynamodb:{call.operation.name}", table(call.params["TableName"], stack), {}


def query(call, stack):
    """A query of an index needs the index, and not the table."""
    index = call.params.get("IndexName")
    yield f"dynamodb:{call.operation.name}", table(call.params["TableName"], stack) + (f"/index/{index}" if index else ""), {}


def batch(call, stack):
    for name in call.params["RequestItems"]:
        yield f"dynamodb:{call.operation.name}", table(name, stack), {}


def transaction(call, stack):
    """A transaction needs what each of its parts would need alone."""
    actions = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}
    for item in call.params["TransactItems"]:
        for kind, part in item.items():
            yield f"dynamodb:{actions[kind]}", table(part["TableName"], stack), {}


# ---------------------------------------------------------------- Step Functions

def on_machine(call, _):
    yield f"states:{call.operation.name}", call.params["stateMachineArn"], {}


def on_execution(call, _):
    yield f"states:{call.operation.name}", call.params["executionArn"], {}


def on_token(call, stack):
    """The service checks them on the state machine that the token belongs to.

    The Service Authorization Reference has no resource for them; the service's own refusals do:
    https://github.com/NOAA-OWP/hydrovis/issues/837, https://github.com/aws/aws-cdk/pull/8486.
    """
    for machine in stack.machines:
        yield f"states:{call.operation.name}", machine, {}


# ---------------------------------------------------------------- SNS, SQS, CloudFront

def publish(call, _):
    yield "sns:Publish", call.params["TopicArn"], {}


def on_queue(action):
    def of(call, stack):
        name = call.params["QueueUrl"].rstrip("/").split("/")[-1]
        yield action, f"arn:aws:sqs:{stack.region}:{stack.account}:{name}", {}

    return of


def invalidate(call, stack):
    yield "cloudfront:CreateInvalidation", f"arn:aws:cloudfront::{stack.account}:distribution/{call.params['DistributionId']}", {}


# ---------------------------------------------------------------- MediaConvert

def media(stack, kind, name):
    return name if name.startswith("arn:") else f"arn:aws:mediaconvert:{stack.region}:{stack.account}:{kind}/{name}"


def create_job(call, stack):
    """CreateJob needs every queue, template and preset that it names, and may pass on its role."""
    yield "mediaconvert:CreateJob", media(stack, "queues", call.params.get("Queue", "Default")), {}
    if call.params.get("JobTemplate"):
        yield "mediaconvert:CreateJob", media(stack, "jobTemplates", call.params["JobTemplate"]), {}
    for group in call.params.get("Settings", {}).get("OutputGroups", []):
        for output in group.get("Outputs", []):
            if output.get("Preset"):
                yield "mediaconvert:CreateJob", media(stack, "presets", output["Preset"]), {}
    yield "iam:PassRole", call.params["Role"], {"iam:PassedToService": "mediaconvert.amazonaws.com"}


def on_job(call, stack):
    yield f"mediaconvert:{call.operation.name}", media(stack, "jobs", call.params["Id"]), {}


def on_template(call, stack):
    yield f"mediaconvert:{call.operation.name}", media(stack, "jobTemplates", call.params["Name"]), {}


def on_jobs(call, stack):
    """A search that names no queue goes through all of them, so it needs one that no statement names."""
    yield f"mediaconvert:{call.operation.name}", media(stack, "queues", call.params.get("Queue", "any-other")), {}


def probe(call, _):
    """Probe reads with its caller's permissions."""
    yield "mediaconvert:Probe", "*", {}
    for file in call.params.get("InputFiles", []):
        yield "s3:GetObject", s3_arn(file["FileUrl"]), {}


def s3_arn(url):
    return "arn:aws:s3:::" + url.removeprefix("s3://")


TABLE = {
    "s3:AbortMultipartUpload": on_object("s3:AbortMultipartUpload"),
    "s3:CompleteMultipartUpload": put,
    "s3:CopyObject": copy,
    "s3:CreateMultipartUpload": put,
    "s3:DeleteObject": on_object("s3:DeleteObject", with_version=["s3:DeleteObject", "s3:DeleteObjectVersion"]),
    "s3:DeleteObjects": delete_many,
    "s3:GetObject": on_object("s3:GetObject", with_version=["s3:GetObjectVersion"]),
    "s3:GetObjectTagging": on_object("s3:GetObjectTagging", with_version=["s3:GetObjectTagging", "s3:GetObjectVersionTagging"]),
    "s3:HeadObject": on_object("s3:GetObject", with_version=["s3:GetObject", "s3:GetObjectVersion"]),
    "s3:ListMultipartUploads": on_bucket("s3:ListBucketMultipartUploads"),
    "s3:ListObjectVersions": on_bucket("s3:ListBucketVersions"),
    "s3:ListObjectsV2": on_bucket("s3:ListBucket"),
    "s3:ListParts": on_object("s3:ListMultipartUploadParts"),
    "s3:PutObject": put,
    "s3:PutObjectTagging": on_object("s3:PutObjectTagging", with_version=["s3:PutObjectTagging", "s3:PutObjectVersionTagging"]),
    "s3:UploadPart": put,
    "dynamodb:BatchGetItem": batch,
    "dynamodb:BatchWriteItem": batch,
    "dynamodb:DeleteItem": on_item,
    "dynamodb:GetItem": on_item,
    "dynamodb:PutItem": on_item,
    "dynamodb:Query": query,
    "dynamodb:Scan": query,
    "dynamodb:TransactGetItems": transaction,
    "dynamodb:TransactWriteItems": transaction,
    "dynamodb:UpdateItem": on_item,
    "states:DescribeExecution": on_execution,
    "states:RedriveExecution": on_execution,
    "states:SendTaskFailure": on_token,
    "states:SendTaskHeartbeat": on_token,
    "states:SendTaskSuccess": on_token,
    "states:StartExecution": on_machine,
    "states:StopExecution": on_execution,
    "sns:Publish": publish,
    "sns:PublishBatch": publish,
    "sqs:ChangeMessageVisibility": on_queue("sqs:ChangeMessageVisibility"),
    "sqs:DeleteMessage": on_queue("sqs:DeleteMessage"),
    "sqs:GetQueueAttributes": on_queue("sqs:GetQueueAttributes"),
    "sqs:ReceiveMessage": on_queue("sqs:ReceiveMessage"),
    "sqs:SendMessage": on_queue("sqs:SendMessage"),
    "sqs:SendMessageBatch": on_queue("sqs:SendMessage"),
    "mediaconvert:CancelJob": on_job,
    "mediaconvert:CreateJob": create_job,
    "mediaconvert:GetJob": on_job,
    "mediaconvert:GetJobTemplate": on_template,
    "mediaconvert:ListJobs": on_jobs,
    "mediaconvert:Probe": probe,
    "mediaconvert:SearchJobs": on_jobs,
    "cloudfront:CreateInvalidation": invalidate,
}
