# shellcheck shell=bash
# For the stages that run something against the local stack: sourced, it starts one and stops it.

api=http://127.0.0.1:8080 # where it answers
work=$(mktemp -d)
stack=

say() { printf '\n== %s\n' "$*"; }

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

box() {
  local bar=${*//?/#}
  printf '\n####%s\n# %s #\n####%s\n\n' "$bar" "$*" "$bar"
}

end() { # PID SECONDS: stops a process of ours, and waits for it
  kill "$1" 2>/dev/null || return 0
  for ((i = 0; i < $2 * 5; i++)); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.2
  done
  kill -9 "$1" 2>/dev/null || true
}

answers() { curl -s -o /dev/null --max-time 2 "$api/"; }

start_stack() { # [NAME=VALUE ...]: with the stand-in model, whatever model this shell names
  say "Starting the local stack${*:+ with $*}"
  # The log is appended to, because a stack that was stopped may still write its last lines.
  env -u OPENAI_API_KEY -u OPENAI_BASE_URL -u OPENAI_MODEL -u LLM_FAILOVER "$@" \
    mvn -B -q -Plocal package >>"$work/stack.log" 2>&1 </dev/null &
  stack=$!
  for ((i = 0; i < 1500; i++)); do
    answers && return 0
    kill -0 "$stack" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 40 "$work/stack.log" >&2
  fail "the local stack does not start"
}

stop_stack() {
  [ -n "$stack" ] || return 0
  end "$stack" 20
  stack=
  for ((i = 0; i < 100; i++)); do # its children end after it
    answers || return 0
    sleep 0.2
  done
  fail "the local stack still answers after its end"
}
