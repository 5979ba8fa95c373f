package dev.skein.local.front;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.time.Instant;

/**
 * An HTTP request.
 *
 * @param id API Gateway's request ID
 * @param body not copied
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record GatewayRequest(
    String id,
    Instant time,
    String method,
    URI uri,
    String protocol,
    Headers headers,
    String sourceIp,
    byte[] body) {}
