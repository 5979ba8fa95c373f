"""The smallest loop over the Lambda Runtime API: python runtime.py, with _HANDLER=module.function."""

import http.client
import importlib
import json
import os
import sys
import time


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = "$LATEST"
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


def main():
    module, function = os.environ["_HANDLER"].split(".")
    handler = getattr(importlib.import_module(module), function)
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    invocation = "/2018-06-01/runtime/invocation/"
    while True:
        api.request("GET", invocation + "next")
        event = api.getresponse()
        body = event.read()
        context = Context(event.headers)
        try:
            result, kind = handler(json.loads(body), context), "/response"
        except Exception as error:
            print(repr(error), file=sys.stderr)
            result, kind = {"errorType": type(error).__name__, "errorMessage": str(error)}, "/error"
        api.request("POST", invocation + context.aws_request_id + kind, json.dumps(result))
        api.getresponse().read()


main()
