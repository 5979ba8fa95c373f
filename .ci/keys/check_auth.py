"""Checks who may call each route of the template, in what CloudFormation gets from it: `check_auth.py TRANSLATED`."""

import json
import sys

METHODS_WITHOUT_A_KEY = {
    # Browsers send no credentials with a preflight; the function answers without calling the model.
    "options": [],
}
# Only with ApiDocs=on: a browser sends no key when it opens a page.
OPEN = {"/openapi.json", "/docs", "/docs/{asset+}"}
IAM = [{"AWS_IAM": []}]  # the audit trail is the operator's, not the callers'
KEY = [{"BearerKey": []}, {"api_key": []}]

template = json.load(open(sys.argv[1], encoding="utf-8"))
resources = template["Resources"]
api = next(it["Properties"] for it in resources.values() if it["Type"] == "AWS::ApiGateway::RestApi")
body = api["Body"]
problems = []
routes = 0


def check(condition, problem):
    if not condition:
        problems.append(problem)


def if_there(value):
    """A value, or what it is if its condition holds."""
    while "Fn::If" in value:
        value = value["Fn::If"][1]
    return value


for path, methods in body["paths"].items():
    for method, operation in if_there(methods).items():
        routes += 1
        security = if_there(operation).get("security")
        secured = IAM if path.startswith("/audit") else [] if path in OPEN else KEY
        expected = METHODS_WITHOUT_A_KEY.get(method, secured)
        check(security == expected, f"{method} {path} is secured by {security}, not {expected}")

authorizer = body["components"]["securitySchemes"]["BearerKey"]
settings = authorizer["x-amazon-apigateway-authorizer"]
check(routes > 20, f"only {routes} routes were found")
check(api["ApiKeySourceType"] == "AUTHORIZER", "the API key does not come from the authorizer")
check(authorizer["name"] == "Authorization" and settings["type"] == "token", "it is no TOKEN authorizer of Authorization")
check(0 < settings["authorizerResultTtlInSeconds"] <= 300, "the result is not cached, or for too long")
check(settings["identityValidationExpression"].startswith("^"), "every header invokes the authorizer")
check(
    any("BearerKey" in name and it["Type"] == "AWS::Lambda::Permission" for name, it in resources.items()),
    "API Gateway may not invoke the authorizer",
)
types = [it["Type"] for it in resources.values()]
check("AWS::ApiGateway::ApiKey" not in types, "the template issues an API key by itself")
check(types.count("AWS::ApiGateway::UsagePlan") == 1, "there is not one usage plan")

for problem in problems:
    print(problem, file=sys.stderr)
print(f"{routes} routes, {len(problems)} problems")
sys.exit(1 if problems else 0)
