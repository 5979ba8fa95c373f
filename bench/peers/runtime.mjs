// The smallest loop over the Lambda Runtime API: node runtime.mjs, with _HANDLER=module.function.
import http from 'node:http';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const invocation = '/2018-06-01/runtime/invocation/';

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(pieces) }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

const [module, name] = process.env._HANDLER.split('.');
const handler = (await import(`${import.meta.dirname}/${module}.mjs`))[name];
for (;;) {
  const event = await call('GET', `${invocation}next`);
  const id = event.headers['lambda-runtime-aws-request-id'];
  try {
    const result = await handler(JSON.parse(event.body), { awsRequestId: id });
    await call('POST', `${invocation}${id}/response`, JSON.stringify(result));
  } catch (error) {
    console.error(error);
    const report = { errorType: error.name, errorMessage: error.message };
    await call('POST', `${invocation}${id}/error`, JSON.stringify(report));
  }
}
