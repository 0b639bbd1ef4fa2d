// What every subject reads of a request, whether it needs it or not.

/** The header is empty when there was none. */
export function read(request) {
  return { url: request.url, method: request.method, cookie: request.headers.get("cookie") ?? "" };
}
