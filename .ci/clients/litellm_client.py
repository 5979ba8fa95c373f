"""LiteLLM as a client, with models of the form openai/NAME, or text-completion-openai/NAME."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # do not fetch a list of prices

import litellm
from checks import *

litellm.suppress_debug_info = True


def ask(text="Hello", model=MODEL, **more):
    messages = [{"role": "user", "content": text}]
    return litellm.completion(model=f"openai/{model}", api_base=BASE_URL, api_key=KEY, messages=messages, **more)


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def text(**more):
    return litellm.text_completion(model=f"text-completion-openai/{MODEL}", api_base=BASE_URL, api_key=KEY,
                                   prompt="Once", **more)


TOOLS = [{"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {
    "city": {"type": "string"}}, "required": ["city"]}}} for name in ("get_weather", "get_time")]


class Whole:
    def a_reply_is_whole(self):
        reply = ask()
        assert "offline stand-in" in reply.choices[0].message.content
        assert reply.usage.completion_tokens > 1

    def a_stream_has_the_same_text(self):
        chunks = list(ask(stream=True))
        assert len(chunks) > 10
        assert text_of(chunks) == ask().choices[0].message.content

    async def an_asynchronous_stream_has_the_same_text(self):
        chunks = await litellm.acompletion(model=f"openai/{MODEL}", api_base=BASE_URL, api_key=KEY, stream=True,
                                           messages=[{"role": "user", "content": "Hello"}])
        assert text_of([chunk async for chunk in chunks]) == ask().choices[0].message.content

    def functions_are_called(self):
        calls = ask(CALL_BOTH, tools=TOOLS).choices[0].message.tool_calls
        assert [call.function.name for call in calls] == ["get_weather", "get_time"], calls

    def functions_are_called_in_a_stream(self):
        reply = litellm.stream_chunk_builder(list(ask(CALL_BOTH, tools=TOOLS, stream=True)))
        calls = reply.choices[0].message.tool_calls
        assert [call.function.name for call in calls] == ["get_weather", "get_time"], calls

    def a_reply_has_the_form_of_a_class(self):
        Goose.model_validate_json(ask(response_format=Goose).choices[0].message.content)

    def a_text_is_continued_whole_and_in_a_stream(self):
        whole = text().choices[0].text
        assert CONTINUATION in whole
        assert "".join(chunk.choices[0].text or "" for chunk in text(stream=True)) == whole

    async def texts_are_embedded(self):
        for model in EMBEDDING_MODELS:
            request = {"model": f"openai/{model}", "api_base": BASE_URL, "api_key": KEY, "input": TEXTS}
            reply = litellm.embedding(**request)
            expect_vectors([item["embedding"] for item in reply.data])
            assert reply.usage.total_tokens > 1
            expect_vectors([item["embedding"] for item in (await litellm.aembedding(**request)).data])

    def an_unknown_model_is_not_found(self):
        expect(litellm.NotFoundError, lambda: ask(model="goose-1"))

    def an_invalid_field_is_a_bad_request(self):
        expect(litellm.BadRequestError, lambda: ask(max_tokens=0))


class Faults:
    def an_unavailable_provider_is_reported_after_one_request(self):
        expect_unavailable(litellm.ServiceUnavailableError, lambda: ask(model=UNAVAILABLE))

    def a_stream_that_is_left_is_ended(self):
        def leave():
            stream = ask(model=SLOW_STREAM, stream=True)
            next(chunk for chunk in stream if text_of([chunk]))
            stream.completion_stream.close()

        expect_cancelled(leave)


run("litellm", Whole, Faults)
