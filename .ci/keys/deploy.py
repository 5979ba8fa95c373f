"""Deploys what SAM makes of the template to moto, as far as moto goes: `deploy.py TRANSLATED`.

This is no proof of a deployment: moto checks few properties, no permission and no quota, and skips the types that it does
not know. What it finds are references to nothing, cycles, and definitions that it rejects as the service would.
"""

import collections
import io
import json
import logging
import sys
import warnings
import zipfile

import boto3
from moto import mock_aws

# moto reads no methods from the Body of a RestApi, and so finds nothing to deploy.
NOT_TRIED = {"AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage", "AWS::ApiGateway::UsagePlan"}
NOT_KNOWN_TO_MOTO = {"AWS::CloudWatch::Alarm", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}


def check(condition, what):
    if not condition:
        sys.exit("deployed to moto: " + what)


def empty_zip():
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()
    return file.getvalue()


warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
template = json.load(open(sys.argv[1], encoding="utf-8"))
unconditional = {name: it for name, it in template["Resources"].items() if it.get("Condition") != "HasAccessLog"}
tried = {name: it for name, it in unconditional.items() if it["Type"] not in NOT_TRIED}
outputs = {name: it for name, it in template["Outputs"].items() if it["Value"].get("Ref") in tried}

with mock_aws():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    for resource in tried.values():
        if resource["Type"] == "AWS::Lambda::Function":
            s3.put_object(Bucket="bucket", Key=resource["Properties"]["Code"]["S3Key"], Body=empty_zip())
    formation = boto3.client("cloudformation")
    body = json.dumps({**template, "Resources": tried, "Outputs": outputs})
    formation.create_stack(StackName="try", TemplateBody=body, Capabilities=["CAPABILITY_IAM"],
                           Parameters=[{"ParameterKey": "ApiDocs", "ParameterValue": "on"}])
    status = formation.describe_stacks(StackName="try")["Stacks"][0]["StackStatus"]
    check(status == "CREATE_COMPLETE", status)
    pages = formation.get_paginator("list_stack_resources").paginate(StackName="try")
    created = {it["LogicalResourceId"]: it["PhysicalResourceId"] for page in pages for it in page["StackResourceSummaries"]}
    expected = {name for name, it in tried.items() if it["Type"] not in NOT_KNOWN_TO_MOTO}
    check(expected <= created.keys(), f"not created: {sorted(expected - created.keys())}")

    table = boto3.client("dynamodb").describe_table(TableName=created["AuditTable"])["Table"]
    check(len(table["GlobalSecondaryIndexes"]) == 8 and table["DeletionProtectionEnabled"], "the table lacks something")
    functions = boto3.client("lambda")
    chat = functions.get_function_configuration(FunctionName=created["ChatFunction"])
    queue = boto3.client("sqs").get_queue_url(QueueName=created["AuditQueue"].split("/")[-1])["QueueUrl"]
    check(chat["Environment"]["Variables"]["AUDIT_QUEUE_URL"] == queue, "the chat function does not know the queue")
    mappings = functions.list_event_source_mappings(FunctionName=created["AuditConsumerFunction"])["EventSourceMappings"]
    check(len(mappings) == 1, "the queue does not invoke the consumer")

skipped = collections.Counter(it["Type"] for name, it in unconditional.items() if name not in expected)
print(f"moto created {len(expected)} of {len(unconditional)} resources. Not tried, or not known to it: ", end="")
print(", ".join(f"{count} {kind}" for kind, count in sorted(skipped.items())))
print("This is no proof of a deployment: moto checks little of what AWS does.")
