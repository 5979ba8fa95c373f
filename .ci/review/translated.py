"""Checks what SAM's translator makes of the template: what CloudFormation would really get."""

import json
import logging
import os
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoPolicies:
    """Stands for the managed policies of IAM: the template uses none."""

    def load(self):
        return {}


def check(condition, what):
    if not condition:
        sys.exit("the translated template: " + what)


def translate(changed):
    template = yaml_parse(open(sys.argv[1], encoding="utf-8").read())
    for resource in template["Resources"].values():
        for uri in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][uri] = "s3://bucket/" + resource["Properties"][uri]
    parameters = {name: it.get("Default", "") for name, it in template["Parameters"].items()}
    place = {"AWS::Region": "us-east-1", "AWS::Partition": "aws"}
    return transform(template, {**parameters, **changed, **place}, NoPolicies())["Resources"]


os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
logging.disable(logging.WARNING)
source = yaml_parse(open(sys.argv[1], encoding="utf-8").read())["Resources"]
declared = {name for name, it in source.items() if it["Type"] == "AWS::IAM::Role"}
resources = translate({})


def if_there(value):
    """A value, or what it is if its condition holds."""
    while isinstance(value, dict) and "Fn::If" in value:
        value = value["Fn::If"][1]
    return value


def of_type(kind):
    return {name: it["Properties"] for name, it in resources.items() if it["Type"] == kind}


check(set(of_type("AWS::IAM::Role")) == declared, "SAM adds a role of its own")
stages = of_type("AWS::ApiGateway::Stage")
check([it["StageName"] for it in stages.values()] == ["api"], "there is a second stage")
check(all("StageName" not in it for it in of_type("AWS::ApiGateway::Deployment").values()), "a deployment adds a stage")

(api,) = of_type("AWS::ApiGateway::RestApi").values()
check(api["SecurityPolicy"].startswith("SecurityPolicy_TLS13_"), "the API accepts TLS 1.0")
paths = {path: if_there(methods) for path, methods in api["Body"]["paths"].items()}
docs = {"/openapi.json", "/docs", "/docs/{asset+}"}
routes = 0
for path, methods in paths.items():
    check(path not in docs or "Fn::If" in api["Body"]["paths"][path], path + " is there whatever ApiDocs says")
    for method, operation in methods.items():
        operation = if_there(operation)
        routes += 1
        where = method + " " + path
        if method != "options" and path not in docs:
            check(operation.get("security"), where + " has neither an API key nor IAM")
        integration = operation["x-amazon-apigateway-integration"]
        streamed = "response-streaming-invocations" in json.dumps(integration["uri"])
        asked = integration.get("responseTransferMode") == "STREAM"
        check(streamed == asked, where + " streams with the URI of a whole response, or the reverse")

aliases = of_type("AWS::Lambda::Alias")
if aliases:
    functions = of_type("AWS::Lambda::Function")
    check({it["FunctionName"]["Ref"] for it in aliases.values()} == functions.keys(), "not every function has an alias")
    invoked = [it["FunctionName"] for it in of_type("AWS::Lambda::EventSourceMapping").values()]
    check(all(it["Ref"] in aliases for it in invoked), "a queue invokes a function without its alias")
    for path, methods in paths.items():
        uris = [json.dumps(if_there(it)["x-amazon-apigateway-integration"]["uri"]) for it in methods.values()]
        check(all("Aliaslive" in uri for uri in uris), path + " invokes a function without its alias")
    # docs/adr/0023: the reason why there is no alias by default. If this fails, SAM has changed, and so can we.
    changed = translate({"AuditMode": "strict", "AuditRetentionDays": "730"})
    versions = of_type("AWS::Lambda::Version").keys()
    check(all(it in changed for it in versions), "a changed parameter publishes versions now: see docs/adr/0023")
(plan,) = of_type("AWS::ApiGateway::UsagePlan").values()
check(plan.get("Quota") and plan.get("Throttle"), "the usage plan has no quota or no throttle")
counts = f"{len(resources)} resources, {len(declared)} roles, {len(aliases)} aliases, {routes} methods, 1 stage"
print(counts + ": as they should be")
