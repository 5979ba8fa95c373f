"""What the checks of the Python clients share. Each client's file is run as

    CLIENT_client.py whole|faults ROOT_URL

whole:  against the stand-in model.
faults: against a model that fails: a request meets the fault that its model names.
"""

import asyncio
import inspect
import json
import os
import sys
import time
import traceback
import urllib.request
from datetime import datetime, timezone
from typing import Literal, Optional

try:
    from pydantic import BaseModel, Field
except ImportError:  # a command, which is run as a child process
    BaseModel = None

KIND, ROOT = sys.argv[1:3]
BASE_URL = f"{ROOT}/v1"
KEY = "local"

# The faults that the checks ask for, by the names of docs/model-faults.md. `run` starts the stack with them.
THROTTLED = "retry-after-beyond-the-deadline"
UNAVAILABLE = "status-503"
BAD_KEY = "bad-key"
CUT_STREAM = "no-sign-reset"
SLOW_STREAM = "dripping-tokens"  # for 18 seconds
GOOD_STREAM = "stream-whole"

SKEINS_ATTEMPTS = 3


def get(path):
    with urllib.request.urlopen(f"{ROOT}{path}", timeout=30) as response:
        return json.load(response)


# The default model is the first of those that may be requested.
MODEL = get("/v1/models")["data"][0]["id"]

if BaseModel:

    class Leader(BaseModel):
        name: str = Field(pattern=r"^[A-Z][a-z]+$")

    class Sighting(BaseModel):
        place: str = Field(min_length=6)
        count: int = Field(ge=2, le=40)

    class Goose(BaseModel):
        """What a client asks for where it asks for structured output."""

        name: str
        age: int = Field(ge=1)
        weight: float = Field(gt=0, lt=20)
        mood: Literal["calm", "wild"]
        ring: str = Field(pattern=r"^[A-Z]{2}\d{3}$")
        leader: Optional[Leader]
        sightings: list[Sighting] = Field(min_length=2)


def get_weather(city: str, days: int) -> str:
    """Tells the weather of a city."""
    return f"rain for {days} days"


def get_time(city: str) -> str:
    """Tells the time in a city."""
    return "noon"


CALL_WEATHER = "Please call get_weather."
CALL_BOTH = "Please call get_weather and get_time."


# How the stand-in's reply to /v1/completions begins. Its replies to chats do not.
CONTINUATION = "and so on"

EMBEDDING_MODELS = "text-embedding-3-small", "text-embedding-ada-002"

# The first two are alike.
TEXTS = ["a skein of geese", "two skeins of geese", "rain"]


def expect_vectors(vectors):
    """The vectors of TEXTS, in their order."""
    assert [len(vector) for vector in vectors] == [1536] * len(TEXTS), vectors
    near, far = (sum(a * b for a, b in zip(vectors[0], other)) for other in vectors[1:])
    assert near > 0.6 > far, (near, far)


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def records(query, enough, seconds=20):
    """The completed records of a query, once there are enough of them; they take a moment to be stored."""
    end = time.monotonic() + seconds
    while True:
        found = get(f"/audit?limit=100&{query}")["records"]
        found = [record for record in found if record["phase"] == "completed"]
        if enough(found):
            return found
        assert time.monotonic() < end, f"the audit trail has no such record: {found}"
        time.sleep(0.2)


def record_of(model, since):
    """The only record of this model since then."""
    of_model = lambda found: [record for record in found if record["model"] == model]
    (record,) = of_model(records(f"from={since}", of_model))
    return record


def calls_of(model, since, least):
    """How many requests the client has made, at least so many, and how many of them reached the provider."""
    of_model = lambda found: [record for record in found if record["model"] == model]
    records(f"from={since}", lambda found: len(of_model(found)) >= least)
    time.sleep(1)  # for more of them
    found = of_model(get(f"/audit?limit=100&from={since}")["records"])
    return len(found), sum(record["attempts"] for record in found)


def expect(error, call):
    try:
        call()
    except error as e:
        return e
    raise AssertionError(f"no {error} was raised")


def expect_unavailable(error, call, requests=1):
    """
    The client reports that the provider is unavailable.

    requests: how many the client makes in spite of `x-should-retry: false`
    """
    since = now()
    raised = expect(error, call)
    found = calls_of(UNAVAILABLE, since, requests)
    assert found == (requests, requests * SKEINS_ATTEMPTS), found
    return raised


def expect_cancelled(call):
    """The call leaves a stream after its first text, which ends the provider's call."""
    since = now()
    call()
    record = record_of(SLOW_STREAM, since)
    assert record["error"] == "caller-disconnected", record


def run(client, whole, faults):
    """Runs the checks, which are the methods of a class; prints a line for each, and exits 1 if one fails."""
    checks = {"whole": whole, "faults": faults}[KIND]()
    failed = 0
    for name in [name for name in vars(type(checks)) if not name.startswith("_")]:
        title = f"{client:14}{name.replace('_', ' ')}"
        try:
            result = getattr(checks, name)()
            if inspect.isawaitable(result):
                asyncio.run(result)
            print(f"ok      {title}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {title}\n{traceback.format_exc()}", flush=True)
    sys.stdout.flush()
    os._exit(1 if failed else 0)  # some clients leave threads behind
