"""POST /chat with FastAPI and AsyncOpenAI; a background task sends the audit message."""

import json
import os
import uuid
from datetime import datetime, timezone

import boto3
from fastapi import BackgroundTasks, FastAPI
from mangum import Mangum
from openai import AsyncOpenAI
from pydantic import BaseModel

MODEL = os.environ["OPENAI_MODEL"]
QUEUE_URL = os.environ["AUDIT_QUEUE_URL"]

app = FastAPI()
openai = AsyncOpenAI()
sqs = boto3.client("sqs")


class ChatRequest(BaseModel):
    message: str
    user_id: str = "anonymous"
    max_tokens: int = 1000


class ChatResponse(BaseModel):
    response: str
    model: str
    total_tokens: int


@app.post("/chat")
async def chat(request: ChatRequest, background: BackgroundTasks) -> ChatResponse:
    completion = await openai.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": request.message}],
        max_tokens=request.max_tokens,
    )
    text = completion.choices[0].message.content
    background.add_task(audit, request, text, completion.usage.total_tokens)
    return ChatResponse(response=text, model=MODEL, total_tokens=completion.usage.total_tokens)


def audit(request: ChatRequest, text: str, total_tokens: int) -> None:
    message = {
        "audit_id": str(uuid.uuid4()),
        "timestamp": datetime.now(timezone.utc).isoformat(),
        "endpoint": "/chat",
        "user_id": request.user_id,
        "model": MODEL,
        "message_preview": request.message[:100],
        "response_preview": text[:100],
        "total_tokens": total_tokens,
    }
    sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=json.dumps(message))


handler = Mangum(app, lifespan="off")
