// A request with the sixteen headers that a browser sends.
export const HOST = "demo.test";

export function browserRequest({ path = "/orders?page=2", cookie }) {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${HOST}`,
    "Connection: keep-alive",
    'sec-ch-ua: "Chromium";v="148", "Not)A;Brand";v="24"',
    "sec-ch-ua-mobile: ?0",
    'sec-ch-ua-platform: "Linux"',
    "DNT: 1",
    "Upgrade-Insecure-Requests: 1",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36",
    "Accept: application/json",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
    `Referer: http://${HOST}/`,
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-GB,en;q=0.9",
    `Cookie: theme=dark; ${cookie}`,
    "",
    "",
  ].join("\r\n");
}
