"""A backend that keeps its videos in SQLite and knows the stack "vod" by its
outputs, its messages and its table.

    python app.py setup          a queue, subscribed to the stack's topic
    python app.py upload FILE    a row, and a PUT to a presigned URL
    python app.py listen         applies messages until every video has ended
    python app.py show           the rows
    python app.py remove         the queue is deleted
"""

import argparse
import json
import os
import sqlite3
import sys
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
from botocore.config import Config

STACK = os.environ.get("VOD_STACK", "vod")
QUEUE = "vod-example-python"
URL_SECONDS = 3600

CONTENT_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".mkv": "video/x-matroska"}

# How far a message takes a video. Its place in time is the start of the encode,
# then this rank.
RANKS = {"Ingest": 1, "Error": 2, "Complete": 3}

SCHEMA = """
CREATE TABLE IF NOT EXISTS video (
    id              TEXT PRIMARY KEY,
    s3key           TEXT NOT NULL UNIQUE,
    title           TEXT NOT NULL,
    status          TEXT NOT NULL DEFAULT 'new',
    created_at      TEXT NOT NULL,
    guid            TEXT UNIQUE,
    newest_message  TEXT NOT NULL DEFAULT '',
    hls_url         TEXT,
    dash_url        TEXT,
    placeholder_url TEXT,
    duration_ms     INTEGER,
    error           TEXT
)
"""


def open_database(path):
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    database.execute(SCHEMA)
    return database


def stack_output(name):
    stack = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == name)


def setup(_database, _arguments):
    """Makes the queue and its dead-letter queue; done twice, it changes nothing."""
    topic = stack_output("SnsNotificationTopic")
    _, dead_arn = make_queue(f"{QUEUE}-dead")
    url, arn = make_queue(QUEUE)
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        },
    }
    redrive = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 5}
    boto3.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps(policy), "RedrivePolicy": json.dumps(redrive)}
    )
    boto3.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )


def make_queue(name):
    """Keeps messages for 14 days, encrypted."""
    sqs = boto3.client("sqs")
    attributes = {"MessageRetentionPeriod": str(14 * 86400), "SqsManagedSseEnabled": "true"}
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def upload(database, arguments):
    """The row comes first, so that no message can be earlier than it."""
    file = Path(arguments.file)
    extension = file.suffix.lower()
    if extension not in CONTENT_TYPES:
        sys.exit(f"{file.name} is no video: its name ends in none of {', '.join(CONTENT_TYPES)}")
    content_type = CONTENT_TYPES[extension]
    video = str(uuid.uuid4())
    key = f"video/{video}/media{extension}"
    with database:
        database.execute(
            "INSERT INTO video (id, s3key, title, created_at) VALUES (?, ?, ?, ?)", (video, key, file.stem, now())
        )
    put(presigned_url(key, content_type, file.stat().st_size), content_type, file)
    print(video)


def presigned_url(key, content_type, size):
    """What a browser gets: it may PUT this key, of this type and length, once,
    for an hour. All of it is signed."""
    # Signature version 4 and the bucket's regional host name hold in every
    # region; boto3 still has other defaults in some.
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return boto3.client("s3", config=config).generate_presigned_url(
        "put_object",
        Params={
            "Bucket": stack_output("Source"),
            "Key": key,
            "ContentType": content_type,
            "ContentLength": size,
            "IfNoneMatch": "*",
        },
        ExpiresIn=URL_SECONDS,
    )


def put(url, content_type, file):
    """What the browser does with it."""
    headers = {"Content-Type": content_type, "Content-Length": str(file.stat().st_size), "If-None-Match": "*"}
    with file.open("rb") as body:
        request = urllib.request.Request(url, data=body, method="PUT", headers=headers)
        try:
            urllib.request.urlopen(request).close()
        except urllib.error.HTTPError as refused:
            sys.exit(f"the upload was refused: {refused.code} {refused.read().decode()}")


def listen(database, arguments):
    """Applies what the queue says. What fails is not deleted: it comes again,
    and after five times it goes to the dead-letter queue."""
    sqs = boto3.client("sqs")
    queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    table = boto3.resource("dynamodb").Table(stack_output("DynamoDBTable"))
    while arguments.forever or unfinished(database):
        received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        for message in received.get("Messages", []):
            try:
                handle(database, table, json.loads(message["Body"]))
            except Exception as failure:
                print(f"message {message['MessageId']}: {failure!r}", file=sys.stderr)
            else:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def handle(database, table, message):
    """Makes a video's row say what its newest message says.

    Messages come at least once and in any order, so a row keeps the place in
    time of its newest one, and only a newer one is written: a repeated or a
    late message changes nothing.
    """
    status = message.get("status", message.get("workflowStatus"))
    row = find(database, message)
    if row is None:
        return  # another application's video
    fields = {
        "status": status,
        "guid": message["guid"],
        "newest_message": f"{message.get('startTime', '')}#{RANKS[status]}",
        "hls_url": message.get("hlsUrl"),
        "dash_url": message.get("dashUrl"),
        "placeholder_url": message["thumbNailUrl"][0] if "thumbNailUrl" in message else None,
        "duration_ms": duration(table, message["guid"]) if status == "Complete" else None,
        "error": message.get("errorMessage"),
    }
    changes = ", ".join(f"{name} = :{name}" for name in fields)
    with database:
        database.execute(
            f"UPDATE video SET {changes} WHERE id = :id AND newest_message < :newest_message",
            fields | {"id": row["id"]},
        )
    print(status, row["s3key"])


def find(database, message):
    """The message's row: by its key, or by guid where a message has no key."""
    return database.execute(
        "SELECT id, s3key FROM video WHERE s3key = ? OR guid = ?", (message.get("srcVideo"), message["guid"])
    ).fetchone()


def duration(table, guid):
    """The video's length in milliseconds, which is in the stack's own table."""
    record = table.get_item(Key={"guid": guid}, ProjectionExpression="srcMediainfo", ConsistentRead=True)["Item"]
    return json.loads(record["srcMediainfo"])["container"]["duration"]


def unfinished(database):
    """Tells whether a message is still to come: for a video that is being
    encoded, or one whose upload can still arrive."""
    since = (datetime.now(timezone.utc) - timedelta(seconds=URL_SECONDS)).isoformat(timespec="milliseconds")
    return database.execute(
        "SELECT 1 FROM video WHERE status = 'Ingest' OR status = 'new' AND created_at > ?", (since,)
    ).fetchone()


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def show(database, _arguments):
    rows = database.execute("SELECT * FROM video ORDER BY created_at").fetchall()
    json.dump([dict(row) for row in rows], sys.stdout, indent=2)
    print()


def remove(_database, _arguments):
    topic = stack_output("SnsNotificationTopic")
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic):
        for subscription in page["Subscriptions"]:
            if subscription["Endpoint"].endswith(f":{QUEUE}"):
                sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    for name in (QUEUE, f"{QUEUE}-dead"):
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="videos.db", help="file of the rows")
    commands = parser.add_subparsers(required=True)
    for command in (setup, upload, listen, show, remove):
        commands.add_parser(command.__name__).set_defaults(run=command)
    commands.choices["upload"].add_argument("file")
    commands.choices["listen"].add_argument("--forever", action="store_true", help="go on when every video has ended")
    arguments = parser.parse_args()
    arguments.run(open_database(arguments.database), arguments)


if __name__ == "__main__":
    main()
