// Answers that come by form_post to a portal on another site, asked for by a form from there: with and without script.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { freePort, look, openBrowser, person, signIn, startDemo } from './support.mjs';

let demo;
let browser;
let portal;

/** A portal at 127.0.0.1, which is another site than the provider's `localhost`. It asks by POST and is answered by POST. */
async function openPortal() {
  const port = await freePort();
  const home = `http://127.0.0.1:${port}`;
  const verifier = randomBytes(32).toString('base64url');
  const opened = { home, received: [], verifier };
  const request = (more) => ({
    response_type: 'code',
    response_mode: 'form_post',
    client_id: 'elsewhere',
    redirect_uri: `${home}/callback?from=poterne`,
    scope: 'openid email',
    state: `"><b>é & ${'x'.repeat(128)}`,
    nonce: 'n',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  opened.request = request;
  const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const asking = (more) =>
    Object.entries(request(more)).map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`);
  const server = createServer(async (asked, answer) => {
    const url = new URL(asked.url, home);
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    if (url.pathname === '/elsewhere') {
      answer.end('<!doctype html><title>Plus loin</title><h1 id="further">Bonjour</h1>');
      return;
    }
    if (url.pathname === '/callback') {
      let body = '';
      for await (const chunk of asked) body += chunk;
      const { method, headers } = asked;
      opened.received.push({ method, referer: headers.referer, query: url.search, fields: Object.fromEntries(new URLSearchParams(body)) });
      if (opened.onward) {
        answer.writeHead(303, { location: opened.onward }).end();
        return;
      }
      answer.end('<!doctype html><title>Ailleurs</title><h1 id="back">Bonjour</h1>');
      return;
    }
    const more = Object.fromEntries(url.searchParams);
    answer.end(`<!doctype html><title>Ailleurs</title><form method="post" action="${demo.issuer}/authorize">${asking(more).join('')}
      <button id="sign-in">Se connecter</button></form>`);
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  opened.port = port;
  opened.close = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return opened;
}

before(async () => {
  demo = await startDemo();
  portal = await openPortal();
  const to = ['--redirect-uri', `${portal.home}/callback?from=poterne`, '--sector', 'elsewhere', '--first-party'];
  await demo.command('client', 'add', '--realm', 'lindenhof', '--client-id', 'elsewhere', '--name', 'Ailleurs', '--type', 'public', ...to);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await portal?.close();
  await demo?.stop();
});

/** What the portal got since, which must be one answer. */
function answered(before) {
  assert.equal(portal.received.length, before + 1, 'one answer');
  const { method, referer, query, fields } = portal.received.at(-1);
  assert.deepEqual([method, query], ['POST', '?from=poterne'], 'to the registered address, its query whole');
  assert.ok(!referer, 'nothing of the provider\'s address comes along');
  assert.equal(fields.state, portal.request().state);
  assert.equal(fields.iss, demo.issuer);
  return fields;
}

async function redeemed(code) {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: 'elsewhere',
    code,
    redirect_uri: portal.request().redirect_uri,
    code_verifier: portal.verifier,
  });
  const answer = await fetch(`${demo.issuer.replace('localhost', '127.0.0.1')}/token`, { method: 'POST', body });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

describe('form_post to a portal on another site', () => {
  test('with script the answer goes on by itself, after a sign-in and with a session', async () => {
    const page = await person(browser);
    const account = demo.accountOf('camille');
    await page.goto(portal.home);
    await page.click('#sign-in');
    await signIn(demo, page, account);
    await page.waitForSelector('#back');
    assert.ok((await redeemed(answered(0).code)).id_token);
    await page.goto(portal.home);
    await page.click('#sign-in');
    await page.waitForSelector('#back');
    assert.ok((await redeemed(answered(1).code)).id_token, 'the session was seen, although the request came from another site');
    await page.goto(`${portal.home}/?prompt=none&max_age=0`);
    await page.click('#sign-in');
    await page.waitForSelector('#back');
    assert.equal(answered(2).error, 'login_required', 'errors come the same way');
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('without script the person presses the button', async () => {
    const page = await person(browser, { javaScriptEnabled: false });
    const account = demo.accountOf('camille');
    const before = portal.received.length;
    await page.goto(portal.home);
    await page.click('#sign-in');
    await signIn(demo, page, account);
    await page.waitForSelector('#form-post-submit');
    assert.equal(portal.received.length, before, 'nothing went by itself');
    assert.ok(await page.isVisible('#form-post-submit'));
    await page.click('#form-post-submit');
    await page.waitForSelector('#back');
    assert.ok((await redeemed(answered(before).code)).access_token);
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('where the script does not arrive, the page bars nobody\'s way', async () => {
    const page = await person(browser);
    await page.route('**/assets/*.js', (route) => route.abort());
    const account = demo.accountOf('camille');
    const before = portal.received.length;
    await page.goto(portal.home);
    await page.click('#sign-in');
    await signIn(demo, page, account);
    await page.waitForSelector('#form-post-submit');
    await look(page, 'form-post');
    await page.click('#form-post-submit');
    await page.waitForSelector('#back');
    assert.ok(answered(before).code);
    await page.leave();
  });

  test('a portal that sends the browser on to another origin is let do so', async () => {
    const page = await person(browser);
    const before = portal.received.length;
    // A name of its own: another host as well as another origin.
    portal.onward = `http://further.localhost:${portal.port}/elsewhere`;
    await page.goto(portal.home);
    await page.click('#sign-in');
    await signIn(demo, page, demo.accountOf('camille'));
    await page.waitForSelector('#further');
    portal.onward = undefined;
    assert.ok(answered(before).code);
    assert.deepEqual(page.noticed, [], 'the browser complains of no policy');
    await page.leave();
  });

  test('the page cannot be framed', async () => {
    const page = await person(browser);
    await page.goto(portal.home);
    await page.click('#sign-in');
    const account = demo.accountOf('camille');
    const answers = [];
    page.on('response', (response) => answers.push(response));
    await signIn(demo, page, account);
    await page.waitForSelector('#back');
    const carried = answers.find((response) => response.url().includes('/authorize?flow=') && response.status() === 200);
    const policy = (await carried.allHeaders())['content-security-policy'];
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /form-action/, 'it would stop a portal that sends the browser on');
    await page.leave();
  });
});
