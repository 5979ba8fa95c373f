"""OpenAI's Python client against a local stack that checks API keys: BASE_URL in the first argument."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import openai

ROOT = sys.argv[1]
failed = 0


def client(key, **options):
    return openai.OpenAI(base_url=f"{ROOT}/v1", api_key=key, **options)


def check(what, condition):
    global failed
    failed += not condition
    print(f"{'ok' if condition else 'FAILED':7} openai_keys   {what}", flush=True)


def error(call, times=1):
    try:
        for _ in range(times):
            call()
    except openai.APIStatusError as e:
        return e
    return None


right = os.environ["PYTHON_KEY"]
other = os.environ["PYTHON_QUOTA_KEY"]

models = client(right).models.list().data
check("the right key is served", models)
wrong = error(client("sk-skein-not-a-key-of-this-stack").models.list)
check("a wrong key is an AuthenticationError", isinstance(wrong, openai.AuthenticationError))
check("its code is OpenAI's", wrong is not None and wrong.code == "invalid_api_key")
check("it does not repeat the key", wrong is not None and "not-a-key" not in str(wrong))
# At once: one after another, they could take so long that none is too much.
impatient = client(right, max_retries=0)
with ThreadPoolExecutor(11) as threads:
    errors = list(threads.map(lambda _: error(impatient.models.list), range(11)))
throttled = next((e for e in errors if e is not None), None)
check("too many requests at once are a RateLimitError", isinstance(throttled, openai.RateLimitError))
check("it is throttled", throttled is not None and throttled.code == "throttled")
# The client waits and tries again, as it does by default, until the quota of 12 is used up.
used_up = error(client(other, max_retries=5).models.list, 13)
check("a used-up quota is a RateLimitError", isinstance(used_up, openai.RateLimitError))
check("its code says so", used_up is not None and used_up.code == "insufficient_quota")
sys.exit(1 if failed else 0)
