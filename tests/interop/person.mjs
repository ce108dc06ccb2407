// Alice and her browser: plain HTTP, plain forms, no script. What the provider's pages ask of her, she does by their ids.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

export const issuer = need('CONFORM_ISSUER');
/** Where the judge itself can be reached: below it lie its redirect URIs. */
export const suite = need('CONFORM_SUITE');
const data = need('CONFORM_DATA');
const email = 'alice@op.example';

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: scripts/interop.sh runs these tests`);
  return value;
}

/** What stands on the first line of a secret file of the run. */
export const secret = (name) => readFileSync(`${data}/secrets/${name}`, 'utf8').split('\n')[0];

/** Where the static clients expect their answers. */
export const at = (path) => `${suite}/test/a/poterne/${path}`;
export const redirectUri = at('callback');

/** A text without HTML's escapes. */
export const unescape = (text) =>
  text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#x27;|&#39;/g, "'").replace(/&#x2f;/g, '/').replace(/&amp;/g, '&');
const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return found ? unescape(found[1]) : undefined;
};

/** The forms of a page with their fields as they stand there. */
export function forms(html) {
  return html.split('<form').slice(1).map((part) => {
    const [tag] = part.split('>', 1);
    const body = part.split('</form>', 1)[0];
    const inputs = [...body.matchAll(/<input[^>]*>/g)].map(([input]) => [attribute(input, 'name'), attribute(input, 'value') ?? '']);
    const buttons = [...body.matchAll(/<button[^>]*>/g)].map(([button]) => ({
      id: attribute(button, 'id'),
      name: attribute(button, 'name'),
      value: attribute(button, 'value') ?? '',
    }));
    return { id: attribute(tag, 'id'), action: attribute(tag, 'action'), fields: Object.fromEntries(inputs.filter(([name]) => name)), buttons };
  });
}

/** A browser with cookies for the provider alone. */
export class Browser {
  #cookies = new Map();

  async #fetch(url, options = {}) {
    const headers = { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '), 'accept-language': 'en', ...options.headers };
    if (options.method === 'POST') headers.origin = issuer;
    const answer = await fetch(url, { ...options, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [name, ...value] = line.split(';')[0].split('=');
      if (/max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value.join('='));
    }
    return answer;
  }

  /** Goes to an address of the provider and on, until a page or another site: `{url, status, html}`. */
  async go(url, options = {}) {
    for (let hops = 0; hops < 12; hops += 1) {
      const answer = await this.#fetch(url, options);
      const location = answer.headers.get('location');
      if (!location) return { url, status: answer.status, html: await answer.text() };
      url = new URL(location, url).href;
      if (!url.startsWith(`${issuer}/`)) return { url, status: answer.status, html: '' };
      options = {};
    }
    throw new Error(`redirects without end at ${url}`);
  }

  /** Presses a button of a form: the fields that are given, on top of what stands there. */
  press(page, form, buttonId, fields = {}) {
    const button = form.buttons.find((candidate) => candidate.id === buttonId) ?? {};
    const pressed = button.name ? { [button.name]: button.value } : {};
    const body = new URLSearchParams({ ...form.fields, ...fields, ...pressed });
    return this.go(new URL(form.action, page.url).href, { method: 'POST', body });
  }

  /**
   * Follows an authorization request to its end, signing in and consenting where she is asked. `{url}` at the client, or with `form`
   * what the page of a form_post answer would post there; `asked` are the ids of the forms on the way.
   */
  async answer(url) {
    const asked = [];
    let page = await this.go(url);
    for (let pages = 0; pages < 6; pages += 1) {
      if (!page.url.startsWith(`${issuer}/`)) return { ...page, asked };
      const found = (id) => forms(page.html).find((form) => form.id === id || form.buttons.some((button) => button.id === id));
      const [login, consent, post] = ['op-login', 'consent-allow', 'form-post-submit'].map(found);
      if (post) return { ...page, asked, form: post };
      if (login) page = await this.press(page, login, 'login-submit', { username: email, password: secret('alice.password') });
      else if (consent) page = await this.press(page, consent, 'consent-allow');
      else break;
      asked.push(login ? 'op-login' : 'op-consent');
    }
    throw new Error(`Alice does not know what to do at ${page.url} (${page.status}):\n${page.html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')}`);
  }
}

/** The answer of form_post as the client's server gets it. */
export const posted = ({ form }) =>
  new Request(form.action, { method: 'POST', body: new URLSearchParams(form.fields) });

/** A server of the judge's own, at `suite`: `routes` maps paths to `(request, body) => [status, type, text]`. */
export async function serve(routes) {
  const [cert, key] = ['server.pem', 'server.key'].map((name) => readFileSync(`${data}/tls/${name}`));
  const server = createServer({ cert, key }, (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname } = new URL(request.url, suite);
      const [status, type, text] = routes[pathname]?.(request, Buffer.concat(chunks).toString()) ?? [404, 'text/plain', 'nothing here'];
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
    });
  });
  await new Promise((ready) => server.listen(Number(new URL(suite).port), '127.0.0.1', ready));
  return () => new Promise((closed) => {
    server.closeAllConnections();
    server.close(closed);
  });
}

/** Looks until `look` gives something. */
export async function eventually(awaited, look, patience = 10_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${patience} ms for ${awaited}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
