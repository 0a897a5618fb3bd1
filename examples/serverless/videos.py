"""The functions of an application that keeps its own table of videos."""

import json
import os
import uuid
from datetime import datetime, timezone

import boto3
from botocore.config import Config

# Signature version 4 and the bucket's regional host name hold in every
# region; boto3 still has other defaults in some.
s3 = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
dynamodb = boto3.resource("dynamodb")
videos = dynamodb.Table(os.environ["VIDEO_TABLE"])
tracking = dynamodb.Table(os.environ["TRACKING_TABLE"])

EXTENSIONS = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "video/x-matroska": "mkv"}

# S3's own limit for one PUT, in bytes.
LARGEST = 5 * 1024**3

# How far a message takes a video. Its place in time is the start of the encode,
# then this rank.
RANKS = {"Ingest": 1, "Error": 2, "Complete": 3}

# What only the end of an encode brings.
ENDINGS = ("hlsUrl", "dashUrl", "mp4Urls", "placeholderUrl", "duration", "errorCode", "errorMessage")


def create(event, _context):
    """Makes a row and returns a URL, for one hour, to upload its video to."""
    content_type, size = event["contentType"], event["size"]
    if content_type not in EXTENSIONS:
        raise ValueError(f"{content_type} is none of {', '.join(EXTENSIONS)}")
    if not isinstance(size, int) or not 0 < size <= LARGEST:
        raise ValueError(f"size is {size}; 1 to {LARGEST} bytes are taken")
    key = f"video/{uuid.uuid4()}/media.{EXTENSIONS[content_type]}"
    videos.put_item(
        Item={
            "s3key": key,
            "title": event["title"],
            "encodingStatus": "new",
            "createdAt": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        },
        ConditionExpression="attribute_not_exists(s3key)",
    )
    # All of it is signed. An upload of another type or length is refused, and
    # so is a second one: whoever has the URL writes this one file, once.
    url = s3.generate_presigned_url(
        "put_object",
        Params={
            "Bucket": os.environ["SOURCE_BUCKET"],
            "Key": key,
            "ContentType": content_type,
            "ContentLength": size,
            "IfNoneMatch": "*",
        },
        ExpiresIn=3600,
    )
    return {"s3key": key, "url": url}


def show(event, _context):
    """Returns a video's row."""
    found = videos.get_item(Key={"s3key": event["s3key"]}, ConsistentRead=True)
    if "Item" not in found:
        raise LookupError(f"there is no video {event['s3key']}")
    return json.loads(json.dumps(found["Item"], default=int))  # numbers come as Decimal


def messages(event, _context):
    """Hears what the stack says on its topic."""
    for record in event["Records"]:
        apply(json.loads(record["Sns"]["Message"]))


def apply(message):
    """Makes a video's row say what its newest message says.

    Messages come at least once and in any order, so a row keeps the place in
    time of its newest one, and only a newer one is written: a repeated or a
    late message changes nothing. One with a status that is unknown here
    fails, and is kept aside.
    """
    status = message.get("status", message.get("workflowStatus"))
    fields = {
        "encodingStatus": status,
        "vodGuid": message["guid"],
        "newestMessage": f"{message.get('startTime', '')}#{RANKS[status]}",
    }
    if "srcVideo" not in message:
        return  # the Error of a metadata file that names no video
    if status == "Complete":
        fields |= {name: message[name] for name in ("hlsUrl", "dashUrl", "mp4Urls") if name in message}
        fields |= {"placeholderUrl": url for url in message.get("thumbNailUrl", [])[:1]}
        fields["duration"] = duration(message["guid"])
    elif status == "Error":
        fields |= {name: message[name] for name in ("errorCode", "errorMessage")}
    update(message["srcVideo"], fields)


def update(key, fields):
    """Writes what a message said, unless the row has newer, or is not ours."""
    gone = [name for name in ENDINGS if name not in fields]
    try:
        videos.update_item(
            Key={"s3key": key},
            UpdateExpression="SET "
            + ", ".join(f"#{name} = :{name}" for name in fields)
            + " REMOVE "
            + ", ".join(f"#{name}" for name in gone),
            ConditionExpression="attribute_exists(s3key)"
            " AND (attribute_not_exists(newestMessage) OR newestMessage < :newestMessage)",
            # All by alias: "duration" is one of the words that are reserved.
            ExpressionAttributeNames={f"#{name}": name for name in [*fields, *gone]},
            ExpressionAttributeValues={f":{name}": value for name, value in fields.items()},
        )
    except videos.meta.client.exceptions.ConditionalCheckFailedException:
        print(f"{key}: {fields['encodingStatus']} is old news, or about another application's video")


def duration(guid):
    """The video's length in milliseconds, which is in the stack's own table."""
    record = tracking.get_item(Key={"guid": guid}, ProjectionExpression="srcMediainfo", ConsistentRead=True)["Item"]
    return json.loads(record["srcMediainfo"])["container"]["duration"]
