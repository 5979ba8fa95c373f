package dev.skein.local.model;

/** What a body turned out to be: a request, or the reason why it is none. */
sealed interface ParseResult permits ChatRequest, ApiError {}
