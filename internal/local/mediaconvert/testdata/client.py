"""Goes through the server's operations with boto3, as an application would.

Arguments: the server's URL, a source (s3://…), a destination (s3://…).
"""

import sys
import time

import boto3
from botocore.config import Config

url, source, destination = sys.argv[1:]
client = boto3.client("mediaconvert", endpoint_url=url, config=Config(retries={"max_attempts": 1}))
ROLE = "arn:aws:iam::000000000000:role/encoder"


def refused(code, call, **arguments):
    """The error message of a call that must be refused with a code."""
    try:
        call(**arguments)
    except client.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 400
        return error.response["Error"]["Message"]
    raise AssertionError(f"{code} expected")


def settings(**h264):
    video = {"MaxBitrate": 1_000_000, "RateControlMode": "QVBR", "QvbrSettings": {"QvbrQualityLevel": 7}, **h264}
    return {
        "Inputs": [{"FileInput": source, "VideoSelector": {}}],
        "OutputGroups": [
            {
                "OutputGroupSettings": {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": {"Destination": destination}},
                "Outputs": [
                    {
                        "NameModifier": "_mp4",
                        "ContainerSettings": {"Container": "MP4"},
                        "VideoDescription": {
                            "Width": 480,
                            "Height": 270,
                            "CodecSettings": {"Codec": "H_264", "H264Settings": video},
                        },
                    }
                ],
            }
        ],
    }


# Jobs
arguments = {"Role": ROLE, "Settings": settings(), "UserMetadata": {"guid": "ü"}, "ClientRequestToken": "boto"}
job = client.create_job(**arguments)["Job"]
assert client.create_job(**arguments)["Job"]["Id"] == job["Id"]
refused("ConflictException", client.create_job, **{**arguments, "Priority": 9})
deadline = time.time() + 40
while job["Status"] in ("SUBMITTED", "PROGRESSING"):
    assert time.time() < deadline, job
    time.sleep(0.1)
    job = client.get_job(Id=job["Id"])["Job"]
assert job["Status"] == "COMPLETE", job
assert job["UserMetadata"] == {"guid": "ü"}, job
detail = job["OutputGroupDetails"][0]["OutputDetails"][0]
assert detail["VideoDetails"] == {"HeightInPx": 270, "WidthInPx": 480}, detail
assert 1900 < detail["DurationInMs"] < 2300, detail
assert job["Timing"]["SubmitTime"] <= job["Timing"]["StartTime"] <= job["Timing"]["FinishTime"], job
pages = client.get_paginator("list_jobs").paginate(Status="COMPLETE", PaginationConfig={"PageSize": 1})
assert [j["Id"] for page in pages for j in page["Jobs"]] == [job["Id"]]
refused("ConflictException", client.cancel_job, Id=job["Id"])
refused("NotFoundException", client.get_job, Id="1-a")
message = refused("BadRequestException", client.create_job, Role=ROLE, Settings=settings(Softness=64))
assert "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/softness" in message, message

# Probe
probed = client.probe(InputFiles=[{"FileUrl": source}])["ProbeResults"][0]
assert probed["Container"]["Format"] == "mp4" and probed["Metadata"]["FileSize"] > 0, probed
assert probed["Metadata"]["LastModified"].year >= 2024, probed

# Queues
queue = client.create_queue(Name="night shift", Status="PAUSED", Tags={"team": "vod"})["Queue"]
held = client.create_job(Role=ROLE, Settings=settings(), Queue=queue["Arn"])["Job"]
assert client.get_queue(Name="night shift")["Queue"]["SubmittedJobsCount"] == 1
client.cancel_job(Id=held["Id"])
assert client.get_job(Id=held["Id"])["Job"]["Status"] == "CANCELED"
client.update_queue(Name="night shift", Status="ACTIVE", Description="after dark")
assert {q["Name"] for q in client.list_queues()["Queues"]} == {"Default", "night shift"}
assert client.list_tags_for_resource(Arn=queue["Arn"])["ResourceTags"]["Tags"] == {"team": "vod"}
client.tag_resource(Arn=queue["Arn"], Tags={"stage": "dev"})
client.untag_resource(Arn=queue["Arn"], TagKeys=["team"])
assert client.list_tags_for_resource(Arn=queue["Arn"])["ResourceTags"]["Tags"] == {"stage": "dev"}
client.delete_queue(Name="night shift")
refused("NotFoundException", client.get_queue, Name="night shift")

# Job templates
template = settings()
del template["Inputs"]
client.create_job_template(Name="small", Settings=template)
inputs = {"Inputs": [{"FileInput": source, "VideoSelector": {}}]}
templated = client.create_job(Role=ROLE, JobTemplate="small", Settings=inputs)["Job"]
assert templated["Settings"]["OutputGroups"] == job["Settings"]["OutputGroups"], templated
client.cancel_job(Id=templated["Id"])
client.update_job_template(Name="small", Description="270 lines")
assert client.get_job_template(Name="small")["JobTemplate"]["Description"] == "270 lines"
assert [t["Name"] for t in client.list_job_templates()["JobTemplates"]] == ["small"]
client.delete_job_template(Name="small")

assert client.describe_endpoints()["Endpoints"] == [{"Url": url}]
