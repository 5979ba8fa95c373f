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


os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
logging.disable(logging.WARNING)
template = yaml_parse(open(sys.argv[1], encoding="utf-8").read())
declared = {name for name, it in template["Resources"].items() if it["Type"] == "AWS::IAM::Role"}
for resource in template["Resources"].values():
    uri = resource.get("Properties", {}).get("CodeUri")
    if uri:
        resource["Properties"]["CodeUri"] = "s3://bucket/" + uri
parameters = {name: it.get("Default", "") for name, it in template["Parameters"].items()}
translated = transform(template, {**parameters, "AWS::Region": "us-east-1", "AWS::Partition": "aws"}, NoPolicies())
resources = translated["Resources"]


def of_type(kind):
    return {name: it["Properties"] for name, it in resources.items() if it["Type"] == kind}


check(set(of_type("AWS::IAM::Role")) == declared, "SAM adds a role of its own")
stages = of_type("AWS::ApiGateway::Stage")
check([it["StageName"] for it in stages.values()] == ["api"], "there is a second stage")
check(all("StageName" not in it for it in of_type("AWS::ApiGateway::Deployment").values()), "a deployment adds a stage")

(api,) = of_type("AWS::ApiGateway::RestApi").values()
check(api["SecurityPolicy"].startswith("SecurityPolicy_TLS13_"), "the API accepts TLS 1.0")
routes = 0
for path, methods in api["Body"]["paths"].items():
    for method, operation in methods.items():
        routes += 1
        where = method + " " + path
        if method != "options":
            check(operation.get("security"), where + " has neither an API key nor IAM")
        integration = operation["x-amazon-apigateway-integration"]
        streamed = "response-streaming-invocations" in json.dumps(integration["uri"])
        asked = integration.get("responseTransferMode") == "STREAM"
        check(streamed == asked, where + " streams with the URI of a whole response, or the reverse")
(plan,) = of_type("AWS::ApiGateway::UsagePlan").values()
check(plan.get("Quota") and plan.get("Throttle"), "the usage plan has no quota or no throttle")
print(f"{len(resources)} resources, {len(declared)} roles, {routes} methods, 1 stage: as they should be")
