"""What OpenAI's Python client sends as its key, and what it makes of API Gateway's own responses in template.yaml.

Needs no stack: the responses come from a server in this process.
"""

import http.server
import re
import threading

import openai

KEY = "sk-skein-0123456789012345678901234567890123456789"
TEMPLATE = open("template.yaml", encoding="utf-8").read()
RESPONSE = re.compile(
    r"^        ([A-Z_0-9]+):.*\n          StatusCode: \"(\d+)\"\n((?:.*\n)*?)            application/json: '(.*)'$", re.M
)
RESPONSES = {
    name: (int(status), dict(re.findall(r"([\w-]+): \"'(.*)'\"", headers)), body)
    for name, status, headers, body in RESPONSE.findall(TEMPLATE)
}
received = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        received.append(self.headers.get_all("Authorization"))
        name = self.path.split("/")[1]
        ok = (200, {"Content-Type": "application/json"}, '{"object":"list","data":[]}')
        status, headers, body = RESPONSES.get(name, ok)
        self.send_response(status)
        for header in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()


def error(name):
    received.clear()
    try:
        openai.OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/{name}/v1", api_key=KEY).models.list()
    except openai.APIStatusError as e:
        return e
    return None


failed = 0


def check(what, condition):
    global failed
    failed += not condition
    print(f"{'ok' if condition else 'FAILED'} openai_gateway: {what}")


error("none")
check("the key is sent as Authorization: Bearer KEY, once", received == [[f"Bearer {KEY}"]])
for name, kind, code, requests in (
    ("UNAUTHORIZED", openai.AuthenticationError, "invalid_api_key", 1),
    ("INVALID_API_KEY", openai.AuthenticationError, "invalid_api_key", 1),
    ("ACCESS_DENIED", openai.PermissionDeniedError, "forbidden", 1),
    ("MISSING_AUTHENTICATION_TOKEN", openai.NotFoundError, "not_found", 1),
    ("THROTTLED", openai.RateLimitError, "throttled", 3),
    ("QUOTA_EXCEEDED", openai.RateLimitError, "insufficient_quota", 1),
    ("AUTHORIZER_FAILURE", openai.InternalServerError, "authorizer_unavailable", 3),
):
    e = error(name)
    check(
        f"{name} is a {kind.__name__} with the code {code} after {requests} requests",
        type(e) is kind and e.code == code and e.param is None and len(received) == requests
        and e.body["message"] in str(e) and KEY not in str(e),
    )
check("every response of the template has the error object", all('"error":{"message":' in r[2] for r in RESPONSES.values()))
check("they were found", len(RESPONSES) >= 15)
raise SystemExit(1 if failed else 0)
