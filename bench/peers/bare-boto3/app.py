"""POST /chat with http.client for the model and boto3 for the audit message, and nothing else."""

import http.client
import json
import os
import ssl
import uuid
from datetime import datetime, timezone
from urllib.parse import urlsplit

import boto3

MODEL = os.environ["OPENAI_MODEL"]
QUEUE_URL = os.environ["AUDIT_QUEUE_URL"]

base = urlsplit(os.environ["OPENAI_BASE_URL"])
if base.scheme == "https":
    llm = http.client.HTTPSConnection(base.netloc, context=ssl.create_default_context())
else:
    llm = http.client.HTTPConnection(base.netloc)
sqs = boto3.client("sqs")


def handler(event, context):
    request = json.loads(event["body"])
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": request["message"]}],
        "max_tokens": request["max_tokens"],
    }
    headers = {
        "Authorization": "Bearer " + os.environ["OPENAI_API_KEY"],
        "Content-Type": "application/json",
    }
    llm.request("POST", base.path + "/chat/completions", json.dumps(body), headers)
    completion = json.loads(llm.getresponse().read())
    text = completion["choices"][0]["message"]["content"]
    message = {
        "audit_id": str(uuid.uuid4()),
        "timestamp": datetime.now(timezone.utc).isoformat(),
        "endpoint": "/chat",
        "user_id": request["user_id"],
        "model": MODEL,
        "message_preview": request["message"][:100],
        "response_preview": text[:100],
        "usage": completion["usage"],
    }
    sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=json.dumps(message))
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"response": text, "model": MODEL, "usage": completion["usage"]}),
    }
