// POST /chat with fetch for the model and the AWS SDK for the audit message.
import { randomUUID } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL: model, AUDIT_QUEUE_URL } = process.env;
const sqs = new SQSClient({});

export async function handler(event) {
  const request = JSON.parse(event.body);
  const reply = await fetch(`${OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPENAI_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: request.message }],
      max_tokens: request.max_tokens,
    }),
  });
  const completion = await reply.json();
  const text = completion.choices[0].message.content;
  const message = {
    audit_id: randomUUID(),
    timestamp: new Date().toISOString(),
    endpoint: '/chat',
    user_id: request.user_id,
    model,
    message_preview: request.message.slice(0, 100),
    response_preview: text.slice(0, 100),
    usage: completion.usage,
  };
  await sqs.send(
    new SendMessageCommand({ QueueUrl: AUDIT_QUEUE_URL, MessageBody: JSON.stringify(message) }),
  );
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ response: text, model, usage: completion.usage }),
  };
}
