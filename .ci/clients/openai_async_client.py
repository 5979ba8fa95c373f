"""OpenAI's Python client, asynchronous. The synchronous one is in openai_client.py."""

import asyncio

import openai
from checks import *
from openai import AsyncOpenAI


def connect():
    return AsyncOpenAI(base_url=BASE_URL, api_key=KEY)


def ask(text="Hello", model=MODEL, **more):
    return connect().chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **more)


async def text_of(stream):
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])


def run_it(call):
    return lambda: asyncio.run(call)


TOOLS = [openai.pydantic_function_tool(type(name, (BaseModel,), {"__annotations__": {"city": str}}))
         for name in ("get_weather", "get_time")]


class Whole:
    async def a_reply_is_whole(self):
        assert "offline stand-in" in (await ask()).choices[0].message.content

    async def a_stream_has_the_same_text(self):
        assert await text_of(await ask(stream=True)) == (await ask()).choices[0].message.content

    async def two_functions_are_called_in_a_stream(self):
        names = []
        async for chunk in await ask(CALL_BOTH, tools=TOOLS, stream=True):
            names += [call.function.name for call in chunk.choices[0].delta.tool_calls or [] if call.function.name]
        assert names == ["get_weather", "get_time"], names

    async def a_reply_has_the_form_of_a_class(self):
        messages = [{"role": "user", "content": "Hello"}]
        reply = await connect().chat.completions.parse(model=MODEL, messages=messages, response_format=Goose)
        assert isinstance(reply.choices[0].message.parsed, Goose)

    async def a_text_is_continued_whole_and_in_a_stream(self):
        complete = connect().completions.create
        whole = (await complete(model=MODEL, prompt="Once")).choices[0].text
        assert CONTINUATION in whole
        stream = await complete(model=MODEL, prompt="Once", stream=True)
        assert "".join([chunk.choices[0].text async for chunk in stream]) == whole

    async def texts_are_embedded(self):
        for model in EMBEDDING_MODELS:
            reply = await connect().embeddings.create(model=model, input=TEXTS)
            expect_vectors([item.embedding for item in reply.data])

    def an_unknown_model_is_not_found(self):
        expect(openai.NotFoundError, run_it(ask(model="goose-1")))

    def an_invalid_field_is_a_bad_request(self):
        expect(openai.BadRequestError, run_it(ask(max_tokens=0)))


class Faults:
    def an_unavailable_provider_is_reported_after_one_request(self):
        expect_unavailable(openai.InternalServerError, run_it(ask(model=UNAVAILABLE)))

    def a_stream_that_is_left_is_ended(self):
        async def leave():
            async with await ask(model=SLOW_STREAM, stream=True) as stream:
                async for chunk in stream:
                    if chunk.choices[0].delta.content:
                        break

        expect_cancelled(lambda: asyncio.run(leave()))


run("openai-async", Whole, Faults)
