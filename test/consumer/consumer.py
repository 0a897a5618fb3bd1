"""The consumer of the article: an application's backend that knows the stack
only by its outputs, its messages and its table.

    eval "$(bin/vod env)"
    python test/consumer/consumer.py media/car-768x432-aac.mp4

It keeps a row a video in SQLite, found by its S3 key; uploads with a URL that
plain boto3 presigns; listens on queues that it subscribes to the topic, one
to everything and one to finished videos only; and prints what its rows say.
Nothing here knows that the endpoints are not AWS.
"""

import argparse
import json
import os
import sqlite3
import sys
import time
import urllib.request
import uuid

import boto3


def stack_outputs(name):
    """What ${cf:vod.SnsNotificationTopic} and the like stand for."""
    stack = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def open_database():
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    database.execute(
        "CREATE TABLE video (s3key TEXT PRIMARY KEY, status TEXT, guid TEXT,"
        " hls_url TEXT, placeholder_url TEXT, duration_ms INTEGER, error TEXT)"
    )
    return database


def subscribed_queue(topic, policy=None, raw=False):
    """A queue of this application's own, subscribed to the stack's topic."""
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    url = sqs.create_queue(QueueName=f"consumer-{uuid.uuid4()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    attributes = {"RawMessageDelivery": "true"} if raw else {}
    if policy:
        attributes["FilterPolicy"] = json.dumps(policy)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return url


def upload(bucket, key, path):
    """What the article's browser does: a PUT to a presigned URL."""
    url = boto3.client("s3").generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=3600)
    with open(path, "rb") as file:
        request = urllib.request.Request(url, data=file.read(), method="PUT")
    request.add_header("Content-Type", "")
    with urllib.request.urlopen(request) as response:
        assert response.status == 200, response.status


def unwrap(body):
    """The pipeline's message, with or without SNS's envelope around it."""
    message = json.loads(body)
    return json.loads(message["Message"]) if message.get("Type") == "Notification" else message


def handle(database, table, message):
    """The article's handler: the row by its key, the details from the table."""
    status = message.get("status", message.get("workflowStatus"))
    key = message["srcVideo"]
    if database.execute("SELECT 1 FROM video WHERE s3key = ?", (key,)).fetchone() is None:
        return
    database.execute("UPDATE video SET status = ?, guid = ? WHERE s3key = ?", (status, message["guid"], key))
    if status == "Complete":
        item = boto3.resource("dynamodb").Table(table).get_item(Key={"guid": message["guid"]})["Item"]
        duration = json.loads(item["srcMediainfo"])["container"]["duration"]
        database.execute(
            "UPDATE video SET hls_url = ?, placeholder_url = ?, duration_ms = ? WHERE s3key = ?",
            (message["hlsUrl"], message["thumbNailUrl"][0], duration, key),
        )
    elif status == "Error":
        database.execute("UPDATE video SET error = ? WHERE s3key = ?", (message["errorMessage"], key))


def drain(url):
    sqs = boto3.client("sqs")
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
        yield unwrap(message["Body"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def unfinished(database):
    return database.execute("SELECT 1 FROM video WHERE status NOT IN ('Complete', 'Error')").fetchone()


def run(path, seconds):
    outputs = stack_outputs(os.environ["VOD_STACK"])
    topic, table = outputs["SnsNotificationTopic"], outputs["DynamoDBTable"]
    everything = subscribed_queue(topic)
    finished = subscribed_queue(topic, policy={"status": ["Complete", "Error"]}, raw=True)
    database, seen, seen_finished = open_database(), [], []
    # The article recommends the key with the slash; S3 takes it for another
    # key than the one without.
    for key in (f"/video/{uuid.uuid4()}/media.mp4", f"video/{uuid.uuid4()}/media.mp4"):
        database.execute("INSERT INTO video (s3key, status) VALUES (?, 'new')", (key,))
        upload(outputs["Source"], key, path)
    ours = {row["s3key"] for row in database.execute("SELECT s3key FROM video")}
    deadline = time.time() + seconds
    while time.time() < deadline and (unfinished(database) or len(seen_finished) < len(ours)):
        for message in drain(everything):
            seen.append(message)
            handle(database, table, message)
        seen_finished += [m for m in drain(finished) if m["srcVideo"] in ours]
    tell = lambda messages: [[m["srcVideo"], m["status"]] for m in messages if m["srcVideo"] in ours]
    rows = [dict(row) for row in database.execute("SELECT * FROM video")]
    return {"rows": rows, "everything": tell(seen), "finished": tell(seen_finished)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video")
    parser.add_argument("--seconds", type=float, default=120, help="how long to wait for the videos")
    arguments = parser.parse_args()
    result = run(arguments.video, arguments.seconds)
    json.dump(result, sys.stdout, indent=1)
    return 0 if all(row["status"] == "Complete" for row in result["rows"]) else 1


if __name__ == "__main__":
    sys.exit(main())
