"""A stack with a bucket of its own, made and used with what `vod env` exports and nothing else."""

import os
import sys
import tempfile
import urllib.request

import boto3

TEMPLATE = '{"Resources": {"Own": {"Type": "AWS::S3::Bucket"}}, "Outputs": {"Name": {"Value": {"Ref": "Own"}}}}'
STACK = "own-bucket"

cloudformation, s3 = boto3.client("cloudformation"), boto3.client("s3")
folder = tempfile.mkdtemp()
sent, received, again = (os.path.join(folder, name) for name in ("sent", "received", "again"))
with open(sent, "wb") as f:
    f.write(os.urandom(20 << 20))  # three parts


def same(file):
    with open(sent, "rb") as a, open(file, "rb") as b:
        return a.read() == b.read()


cloudformation.create_stack(StackName=STACK, TemplateBody=TEMPLATE)
cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK)
bucket = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"][0]["OutputValue"]

s3.upload_file(sent, bucket, "a b/own.bin")
s3.download_file(bucket, "a b/own.bin", received)
url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/own.bin"})
urllib.request.urlretrieve(url, again)
if not same(received) or not same(again):
    sys.exit("other bytes came back")
listed = {b["Name"] for b in s3.list_buckets()["Buckets"]}
if not {bucket, sys.argv[1]} <= listed:
    sys.exit(f"the account's buckets are {listed}")

# A template that is too large for the call goes by way of a bucket.
s3.create_bucket(Bucket="my-templates", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
s3.put_object(Bucket="my-templates", Key="own.json", Body=TEMPLATE)
cloudformation.create_stack(StackName=STACK + "-2", TemplateURL=f"https://s3.{s3.meta.region_name}.amazonaws.com/my-templates/own.json")
cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK + "-2")

s3.delete_object(Bucket=bucket, Key="a b/own.bin")
s3.delete_object(Bucket="my-templates", Key="own.json")
s3.delete_bucket(Bucket="my-templates")
for stack in (STACK, STACK + "-2"):
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)
if bucket in {b["Name"] for b in s3.list_buckets()["Buckets"]}:
    sys.exit("the bucket is still there")
