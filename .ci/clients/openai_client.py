"""OpenAI's Python client, synchronous. The asynchronous one is in openai_async_client.py."""

from enum import Enum
from typing import Optional

import openai
from checks import *
from openai import AsyncOpenAI, OpenAI

USER = f"python-{os.getpid()}"

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city", "days"],
        },
    },
}
CALL_IT = {"type": "function", "function": {"name": "get_weather"}}


class Mood(str, Enum):
    calm = "calm"
    wild = "wild"


class Flock(BaseModel):
    """Refers to an enumeration, and to itself."""

    name: str
    size: int = Field(ge=1)
    mood: Mood
    before: Optional["Flock"]


def ask(text="Hello", model=MODEL):
    return {"model": model, "messages": [{"role": "user", "content": text}]}


def joined(chunks):
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def arguments_fit(text):
    arguments = json.loads(text)
    assert isinstance(arguments["city"], str) and arguments["days"] >= 1, arguments


class Whole:
    def __init__(self):
        self.client = OpenAI(base_url=BASE_URL, api_key=KEY)
        self.create = self.client.chat.completions.create

    def the_models_are_listed(self):
        assert MODEL in [model.id for model in self.client.models.list()]

    def a_completion_is_whole(self):
        completion = self.create(**ask("Hello"))
        assert "offline stand-in" in completion.choices[0].message.content
        assert completion.choices[0].finish_reason == "stop"
        usage = completion.usage
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 1
        assert completion._request_id

    def a_stream_has_the_same_text_in_chunks(self):
        whole = self.create(**ask("Hello")).choices[0].message.content
        chunks = list(self.create(**ask("Hello"), stream=True))
        assert len(chunks) > 10
        assert joined(chunks) == whole
        assert chunks[-1].choices[0].finish_reason == "stop"
        assert not [c for c in chunks if c.usage]

    def a_text_is_continued_whole_and_in_a_stream(self):
        ask_for_text = {"model": MODEL, "prompt": "Once", "max_tokens": 5}
        whole = self.client.completions.create(**ask_for_text)
        assert whole.choices[0].text and whole.choices[0].finish_reason == "length"
        assert whole.usage.completion_tokens == 5
        options = {"include_usage": True}
        chunks = list(self.client.completions.create(**ask_for_text, stream=True, stream_options=options))
        assert "".join(c.choices[0].text for c in chunks if c.choices) == whole.choices[0].text
        assert chunks[-1].usage == whole.usage

    def embeddings_are_the_same_in_base64_and_as_numbers(self):
        # The client asks for base64 by default.
        texts = {"model": "text-embedding-3-small", "input": ["a skein of geese", "two skeins"]}
        packed = self.client.embeddings.create(**texts).data
        plain = self.client.embeddings.create(**texts, encoding_format="float").data
        assert [len(item.embedding) for item in packed] == [1536, 1536]
        for a, b in zip(packed, plain):
            assert max(abs(x - y) for x, y in zip(a.embedding, b.embedding)) < 1e-6
        small = self.client.embeddings.create(**texts, dimensions=256, user=f"{USER}-embed")
        assert len(small.data[1].embedding) == 256
        (record,) = records(f"user_id={USER}-embed", bool)
        assert record["endpoint"] == "/v1/embeddings", record
        assert record["total_tokens"] == small.usage.total_tokens > 0

    def an_embedding_model_is_required_to_be_one(self):
        error = expect(openai.NotFoundError, lambda: self.client.embeddings.create(model=MODEL, input="x"))
        assert error.code == "model_not_found" and "text-embedding-3-small" in error.message

    def a_stream_ends_with_done(self):
        raw = self.client.chat.completions.with_streaming_response
        with raw.create(**ask("Hello"), stream=True) as response:
            lines = [line for line in response.iter_lines() if line]
        assert lines[-1] == "data: [DONE]", lines[-1]

    def a_stream_reports_its_usage_on_request(self):
        usage = self.create(**ask("Hello")).usage
        chunks = list(self.create(**ask("Hello"), stream=True, stream_options={"include_usage": True}))
        assert not chunks[-1].choices
        assert chunks[-1].usage == usage

    def a_function_is_called(self):
        choice = self.create(**ask("Hello"), tools=[TOOL], tool_choice=CALL_IT).choices[0]
        assert choice.finish_reason == "tool_calls"
        assert choice.message.content is None
        (call,) = choice.message.tool_calls
        assert call.function.name == "get_weather"
        arguments_fit(call.function.arguments)
        answer = self.create(
            model=MODEL,
            messages=[
                {"role": "user", "content": "Hello"},
                choice.message,
                {"role": "tool", "tool_call_id": call.id, "content": "rain"},
            ],
            tools=[TOOL],
        )
        assert answer.choices[0].finish_reason == "stop"

    def a_function_is_called_in_a_stream(self):
        chunks = list(self.create(**ask("Hello"), tools=[TOOL], tool_choice=CALL_IT, stream=True))
        calls = [c.choices[0].delta.tool_calls[0] for c in chunks if c.choices[0].delta.tool_calls]
        assert calls[0].id and calls[0].function.name == "get_weather"
        assert len(calls) > 2
        arguments_fit("".join(call.function.arguments for call in calls))
        assert chunks[-1].choices[0].finish_reason == "tool_calls"

    def an_answer_has_the_form_of_a_class(self):
        parse = self.client.chat.completions.parse
        for form in Goose, Flock:
            assert isinstance(parse(**ask("Hello"), response_format=form).choices[0].message.parsed, form)

    def a_streamed_answer_has_the_form_of_a_class(self):
        with self.client.chat.completions.stream(**ask("Hello"), response_format=Goose) as stream:
            kinds = {event.type for event in stream}
            goose = stream.get_final_completion().choices[0].message.parsed
        assert {"chunk", "content.delta", "content.done"} <= kinds, kinds
        assert isinstance(goose, Goose)

    def a_bad_request_names_its_field(self):
        error = expect(openai.BadRequestError, lambda: self.create(**ask("Hello"), max_tokens=0))
        assert error.param == "max_tokens" and error.code and error.request_id
        expect(openai.BadRequestError, lambda: self.create(model=MODEL, messages=[]))

    def what_the_provider_refuses_is_a_bad_request_with_its_code(self):
        odd = {"type": "yaml"}
        error = expect(openai.BadRequestError, lambda: self.create(**ask("Hello"), response_format=odd))
        assert error.code == "invalid_value", error.code

    def an_unknown_model_is_not_found(self):
        error = expect(openai.NotFoundError, lambda: self.create(**{**ask("Hello"), "model": "goose-1"}))
        assert error.code == "model_not_found"

    def eight_streams_run_at_once(self):
        async def one(client, number):
            stream = await client.chat.completions.create(**ask(f"Hello {number}"), stream=True)
            return joined([chunk async for chunk in stream])

        async def all_of_them():
            async with AsyncOpenAI(base_url=BASE_URL, api_key=KEY) as client:
                return await asyncio.gather(*(one(client, number) for number in range(8)))

        for number, text in enumerate(asyncio.run(all_of_them())):
            assert f'"Hello {number}"' in text, text

    def a_stream_left_early_does_not_disturb_the_next_request(self):
        with self.create(**ask("Hello"), stream=True) as stream:
            next(iter(stream))
        assert self.create(**ask("Hello")).choices[0].finish_reason == "stop"

    def a_stream_is_in_the_audit_trail_of_its_user(self):
        list(self.create(**ask("Hello"), user=USER, stream=True))
        (record,) = records(f"user_id={USER}", bool)
        assert record["status"] == 200 and record["error"] is None, record
        assert record["time_to_first_token_ms"] is not None, record
        assert record["message_preview"] == "Hello", record


class Faults:
    def __init__(self):
        self.client = OpenAI(base_url=BASE_URL, api_key=KEY)
        self.create = self.client.chat.completions.create

    def a_throttling_provider_is_a_rate_limit(self):
        since = now()
        error = expect(openai.RateLimitError, lambda: self.create(**ask(model=THROTTLED)))
        assert error.type == "rate_limit_error"
        assert int(error.response.headers["retry-after"]) >= 1
        assert record_of(THROTTLED, since)["attempts"] == 1

    def an_unavailable_provider_is_reported_after_one_request(self):
        error = expect_unavailable(openai.InternalServerError, lambda: self.create(**ask(model=UNAVAILABLE)))
        assert error.status_code == 503, error.status_code
        expect_unavailable(openai.InternalServerError, lambda: self.create(**ask(model=UNAVAILABLE), stream=True))

    def a_refused_key_is_the_operators_fault(self):
        error = expect(openai.InternalServerError, lambda: self.create(**ask(model=BAD_KEY), stream=True))
        assert error.status_code == 502, error.status_code

    def a_cut_stream_raises_after_its_first_tokens(self):
        seen = []
        since = now()
        stream = self.create(**ask(model=CUT_STREAM), stream=True)
        expect(openai.APIError, lambda: seen.extend(stream))
        assert joined(seen)
        assert record_of(CUT_STREAM, since)["error"] == "model-cut"

    def a_stream_that_is_left_is_ended(self):
        def leave():
            with self.create(**ask(model=SLOW_STREAM), stream=True) as stream:
                next(chunk for chunk in stream if joined([chunk]))

        expect_cancelled(leave)

    def the_next_request_is_served(self):
        assert joined(self.create(**ask(model=GOOD_STREAM), stream=True))


run("openai", Whole, Faults)
