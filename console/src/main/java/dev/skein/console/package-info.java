/**
 * The console: a page with a chat, the audit trail and its sums. The local stack serves its files
 * beside the API; for a deployed stack, a server on the operator's machine serves them and forwards
 * the page's requests.
 */
@NullMarked
package dev.skein.console;

import org.jspecify.annotations.NullMarked;
