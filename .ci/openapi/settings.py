"""Tells schemathesis what the OpenAPI document leaves to the operator's settings, as they are in the stack that it calls."""

import json
import os
import urllib.request

import schemathesis

METHODS = ("get", "post", "delete", "options")


@schemathesis.hook
def before_load_schema(context, raw_schema):
    with urllib.request.urlopen(os.environ["API"] + "/v1/models") as response:
        models = [model["id"] for model in json.load(response)["data"]]
    schemas = raw_schema["components"]["schemas"]
    schemas["ChatModel"]["enum"] = [it for it in models if not it.startswith("text-embedding")] + [None]
    schemas["EmbeddingModel"]["enum"] = [it for it in models if it.startswith("text-embedding")]
    # The local stack checks no credentials. GuardedStackTest has a stack that does.
    del raw_schema["security"]
    for path in raw_schema["paths"].values():
        for operation in (path[method] for method in METHODS if method in path):
            operation.pop("security", None)
            # Only the service knows which cursors are valid. A model that has a millisecond to answer is not in time,
            # and such a 504 is no fault.
            operation["parameters"] = [
                it
                for it in operation.get("parameters", [])
                if it.get("name") != "cursor" and not it.get("$ref", "").endswith("/RequestTimeout")
            ]


@schemathesis.hook
def map_body(context, body):
    return whole(body)


def whole(value):
    """The value with integers as the document's description demands them: JSON Schema takes 1.0 for one, the service does not."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(it) for it in value]
    if isinstance(value, dict):
        return {name: whole(it) for name, it in value.items()}
    return value
