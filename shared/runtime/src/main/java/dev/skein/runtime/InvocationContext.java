package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import org.jspecify.annotations.Nullable;

/**
 * The context of one invocation. Client context and Cognito identity are null: only the mobile SDK
 * sends them, which invokes functions directly.
 */
record InvocationContext(
    InvocationEvent event, RuntimeSettings.FunctionInfo function, RuntimeLog log)
    implements Context {

  @Override
  public String getAwsRequestId() {
    return event.requestId();
  }

  @Override
  public String getLogGroupName() {
    return function.logGroup();
  }

  @Override
  public String getLogStreamName() {
    return function.logStream();
  }

  @Override
  public String getFunctionName() {
    return function.name();
  }

  @Override
  public String getFunctionVersion() {
    return function.version();
  }

  @Override
  public @Nullable String getInvokedFunctionArn() {
    return event.functionArn();
  }

  @Override
  public @Nullable CognitoIdentity getIdentity() {
    return null;
  }

  @Override
  public @Nullable ClientContext getClientContext() {
    return null;
  }

  @Override
  public int getRemainingTimeInMillis() {
    long left = event.deadlineMs() - System.currentTimeMillis();
    return Math.clamp(left, 0, Integer.MAX_VALUE);
  }

  @Override
  public int getMemoryLimitInMB() {
    return function.memoryMb();
  }

  @Override
  public LambdaLogger getLogger() {
    return log;
  }

  @Override
  public @Nullable String getXrayTraceId() {
    return event.traceId();
  }
}
