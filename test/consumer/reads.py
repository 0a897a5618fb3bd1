"""What an AWS tool sees of the stack, as one JSON document.

    eval "$(bin/vod env)"
    python test/consumer/reads.py

The calls are those behind `aws cloudformation describe-stacks`, `aws
stepfunctions list-executions`, `aws mediaconvert list-jobs`, `aws ssm
get-parameters-by-path` and `aws dynamodb query` on the table's index.
"""

import json
import os
import sys

import boto3


def outputs(stack):
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {o["OutputKey"]: {"value": o["OutputValue"], "export": o.get("ExportName")} for o in described["Outputs"]}


def machine(stack):
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return next(r["PhysicalResourceId"] for r in resources if r["ResourceType"] == "AWS::StepFunctions::StateMachine")


def executions(stack):
    found = boto3.client("stepfunctions").list_executions(stateMachineArn=machine(stack))["executions"]
    return [{"name": e["name"], "status": e["status"]} for e in found]


def jobs():
    found = boto3.client("mediaconvert").list_jobs(MaxResults=20)["Jobs"]
    return [{"id": j["Id"], "status": j["Status"], "guid": j.get("UserMetadata", {}).get("guid")} for j in found]


def parameters(stack):
    pages = boto3.client("ssm").get_paginator("get_parameters_by_path")
    found = pages.paginate(Path=f"/{stack}", Recursive=True)
    return {p["Name"]: p["Value"] for page in found for p in page["Parameters"]}


def newest_first(table, bucket):
    found = boto3.client("dynamodb").query(
        TableName=table, IndexName="srcBucket-startTime-index", ScanIndexForward=False,
        KeyConditionExpression="srcBucket = :bucket", ExpressionAttributeValues={":bucket": {"S": bucket}},
    )["Items"]
    return [item["guid"]["S"] for item in found]


def main():
    stack = os.environ["VOD_STACK"]
    found = outputs(stack)
    json.dump(
        {
            "outputs": found,
            "executions": executions(stack),
            "jobs": jobs(),
            "parameters": parameters(stack),
            "videos": newest_first(found["DynamoDBTable"]["value"], found["Source"]["value"]),
        },
        sys.stdout,
        indent=1,
    )


if __name__ == "__main__":
    main()
