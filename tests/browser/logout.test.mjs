// Signing off with two portals on other registrable domains than the provider's, over TLS: their pages in frames (OpenID Connect Front-Channel
// Logout 1.0), and their watch over the session (Session Management 1.0).

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { binary, eventually, freePort, look, openBrowser, owner, person, top } from './support.mjs';

const run = promisify(execFile);
const HOSTS = { provider: 'id.op.example', a: 'portal-a.example', b: 'portal.other.test', stranger: 'stranger.test' };

/** One certificate for all names, good for an hour's tests, and its key. */
async function certificate(folder) {
  const names = Object.values(HOSTS).map((host) => `DNS:${host}`).join(',');
  const [cert, key] = [join(folder, 'tls.pem'), join(folder, 'tls.key')];
  const self = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=tests'];
  await run('openssl', [...self, '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', cert]);
  await run('chmod', ['600', key]);
  return { cert, key, pem: await readFile(cert), keyPem: await readFile(key) };
}

/** The provider of `examples/conform`, with two portals of ours. */
async function startProvider(folder, tls, portals) {
  const [port, management] = [await freePort(), await freePort()];
  const issuer = `https://${HOSTS.provider}:${port}`;
  await run(binary, ['init', '--dir', folder, '--public-url', issuer]);
  const fill = (text, client) =>
    Object.entries({ HOST: HOSTS.provider, PORT: port, LISTEN: '127.0.0.1', MANAGEMENT: `127.0.0.1:${management}`, CERTIFICATE: tls.cert, KEY: tls.key,
      DATA: folder, ALLOW: '', TRUST: tls.cert, SUITE: client ?? '', ALIAS: 'poterne' }).reduce((all, [name, value]) => all.replaceAll(`@${name}@`, value), text);
  const example = (name) => readFile(join(top, 'examples', 'conform', name), 'utf8');
  const config = join(folder, 'poterne.toml');
  await writeFile(config, fill(await example('poterne.toml')));
  const [realm, first] = (await example('realm.toml')).split('[[client]]');
  // Their servers are not reached from here: that is tested without a browser.
  const client = (id, portal) => {
    const registered = first.replace('client-1', id).replace('First client', portal.name);
    return `[[client]]${fill(registered, portal.origin).replace(/^backchannel.*\n/gm, '').replaceAll('/test/a/poterne', '')}`;
  };
  await writeFile(join(folder, 'realm.toml'), fill(realm) + portals.map((portal) => client(portal.clientId, portal)).join('\n'));
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('POTERNE_'));
  const env = { ...Object.fromEntries(others), POTERNE_CONFIG: config };
  const command = (...words) => run(binary, words, { env });
  await command('migrate');
  await command('realm', 'apply', join(folder, 'realm.toml'), '--yes');
  const password = join(folder, 'password');
  await writeFile(password, 'Tilleul-7-mauve!\n', { mode: 0o600 });
  await command('account', 'create', '--realm', 'op', '--population', 'persons', '--email', 'alice@op.example', '--password-file', password, '--claims', join(top, 'examples', 'conform', 'alice.json'));
  for (const portal of portals) {
    const { stdout } = await command('client', 'rotate-secret', '--realm', 'op', portal.clientId, '--grace', '0', '--json');
    portal.secret = JSON.parse(stdout).secret ?? JSON.parse(stdout).client_secret;
  }
  const child = spawn(binary, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  child.stdout.on('data', (chunk) => log.push(chunk));
  child.stderr.on('data', (chunk) => log.push(chunk));
  const provider = { issuer, port, child, log: () => Buffer.concat(log).toString() };
  await eventually('the provider', () => call(provider, '/.well-known/openid-configuration').catch(() => null));
  return provider;
}

/** A request of a portal's server to the provider. */
function call(provider, path, { form, authorization } = {}) {
  return new Promise((done, failed) => {
    const body = form ? new URLSearchParams(form).toString() : null;
    const headers = { host: `${HOSTS.provider}:${provider.port}`, ...(authorization && { authorization }) };
    if (body) headers['content-type'] = 'application/x-www-form-urlencoded';
    const asking = request(
      { host: '127.0.0.1', port: provider.port, servername: HOSTS.provider, path, method: body ? 'POST' : 'GET', headers, rejectUnauthorized: false },
      async (answer) => {
        const chunks = [];
        for await (const chunk of answer) chunks.push(chunk);
        done(JSON.parse(Buffer.concat(chunks).toString()));
      },
    );
    asking.once('error', failed);
    asking.end(body);
  });
}

/** A portal: signs people in, watches their session, ends its own when it is told in a frame. */
async function startPortal(host, name, clientId, tls) {
  const port = await freePort();
  const portal = { host, name, clientId, origin: `https://${host}:${port}`, framed: [], sessions: new Map() };
  const back = (path) => `${portal.origin}${path}`;
  const page = (body) => `<!doctype html><html lang="en"><head><title>${name}</title></head><body><main><h1>${name}</h1>${body}</main></body></html>`;
  const home = ({ tokens, state }) => page(`<p id="answer">?</p>
<p><a id="out" href="${portal.provider.issuer}/logout?id_token_hint=${tokens.id_token}&amp;post_logout_redirect_uri=${encodeURIComponent(back('/post_logout_redirect'))}&amp;state=s">Sign out</a></p>
<iframe id="op" title="session" src="${portal.provider.issuer}/check-session"></iframe>
<script>
const [frame, issuer, message] = [document.getElementById('op').contentWindow, ${JSON.stringify(portal.provider.issuer)}, ${JSON.stringify(`${clientId} ${state}`)}];
window.answers = [];
addEventListener('message', (event) => {
  if (event.origin !== issuer) return;
  window.answers.push(event.data);
  document.getElementById('answer').textContent = event.data;
});
window.ask = (what) => frame.postMessage(what, issuer);
setInterval(() => window.ask(window.asking ?? message), 200);
</script>`);
  const routes = {
    '/login': () => {
      const query = new URLSearchParams({ client_id: clientId, response_type: 'code', scope: 'openid', redirect_uri: back('/callback'), state: 'x', nonce: 'n' });
      return { to: `${portal.provider.issuer}/authorize?${query}` };
    },
    '/callback': async (query) => {
      const authorization = `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(portal.secret)}`).toString('base64')}`;
      const form = { grant_type: 'authorization_code', code: query.get('code'), redirect_uri: back('/callback') };
      const tokens = await call(portal.provider, '/token', { form, authorization });
      assert.ok(tokens.id_token, JSON.stringify(tokens));
      const id = randomBytes(9).toString('hex');
      portal.sessions.set(id, { tokens, state: query.get('session_state') });
      return { to: '/home', cookie: `portal=${id}` };
    },
    '/home': (_, id) => (portal.sessions.has(id) ? { html: home(portal.sessions.get(id)) } : { html: page('<p id="signed-out">Signed out</p>') }),
    '/frontchannel_logout': (query, id) => {
      portal.framed.push({ query: [...query.entries()], session: portal.sessions.get(id) });
      portal.sessions.delete(id);
      return { html: page('<p>Bye</p>'), cookie: 'portal=' };
    },
    '/post_logout_redirect': (query) => ({ html: page(`<p id="back">Back with ${query.get('state')}</p>`) }),
    '/watch': () => ({ html: home({ tokens: { id_token: '' }, state: `${'A'.repeat(43)}.salt` }) }),
  };
  portal.server = createServer({ cert: tls.pem, key: tls.keyPem }, async (asked, answer) => {
    const url = new URL(asked.url, portal.origin);
    const id = /(?:^|; )portal=([^;]+)/.exec(asked.headers.cookie ?? '')?.[1];
    const { to, html, cookie } = (await routes[url.pathname]?.(url.searchParams, id)) ?? {};
    if (cookie) answer.setHeader('set-cookie', `${cookie}; Path=/; Secure; HttpOnly; SameSite=None`);
    if (to) answer.writeHead(303, { location: to }).end();
    else answer.writeHead(html ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  await new Promise((ready) => portal.server.listen(port, '127.0.0.1', ready));
  return portal;
}

describe('signing off at two portals of other domains', () => {
  let folder, tls, provider, a, b, stranger, browser, page;
  const arguments_ = () => {
    const spki = new X509Certificate(tls.pem).publicKey.export({ type: 'spki', format: 'der' });
    const known = createHash('sha256').update(spki).digest('base64');
    return ['--host-resolver-rules=MAP * 127.0.0.1', `--ignore-certificate-errors-spki-list=${known}`];
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'poterne-logout-'));
    tls = await certificate(folder);
    a = await startPortal(HOSTS.a, 'Portal of pensions', 'client-a', tls);
    b = await startPortal(HOSTS.b, 'Portal of letters', 'client-b', tls);
    stranger = await startPortal(HOSTS.stranger, 'Stranger', 'client-a', tls);
    provider = await startProvider(folder, tls, [a, b]);
    for (const portal of [a, b, stranger]) portal.provider = provider;
    browser = await openBrowser({ args: arguments_() });
  });
  after(async () => {
    await browser?.close();
    await page?.leave();
    for (const portal of [a, b, stranger]) {
      portal?.server.closeAllConnections();
      portal?.server.close();
    }
    provider?.child.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });

  const signIn = async (page, portal) => {
    await page.goto(`${portal.origin}/login`);
    await page.waitForSelector('#op-login');
    await page.fill('#username', 'alice@op.example');
    await page.fill('#password', 'Tilleul-7-mauve!');
    await page.click('#login-submit');
    await page.waitForURL(`${portal.origin}/home`);
  };
  const answers = (page, expected) => page.waitForFunction((word) => document.getElementById('answer').textContent === word, expected);
  const sid = (session) => JSON.parse(Buffer.from(session.tokens.id_token.split('.')[1], 'base64url')).sid;

  test('each portal watches the session, and all of them end with it', async () => {
    page = await owner(join(folder, 'profile'), { args: arguments_() });
    await signIn(page, a);
    await answers(page, 'unchanged');
    const other = await page.context().newPage();
    await other.goto(`${b.origin}/login`);
    await other.waitForURL(`${b.origin}/home`);
    await answers(other, 'unchanged');
    for (const broken of ['nonsense', 'client-a', 'client-a x.y z', '', { client: 'client-a' }]) {
      await page.evaluate((message) => (window.asking = message), broken);
      await answers(page, 'error');
      await page.evaluate(() => (window.asking = undefined));
      await answers(page, 'unchanged');
    }
    await page.evaluate((state) => (window.asking = `client-a ${state}`), [...b.sessions.values()][0].state);
    await answers(page, 'changed');
    await page.evaluate(() => (window.asking = undefined));
    await answers(page, 'unchanged');

    // The way back is barred, so that the page with the frames can be looked at.
    await other.route('**/post_logout_redirect**', (route) => route.abort('aborted'));
    const expected = [a, b].map((portal) => [...portal.sessions.values()][0]);
    await other.click('#out', { noWaitAfter: true });
    await other.waitForSelector('#op-leaving');
    await eventually('both frames', () => a.framed.length && b.framed.length);
    // WCAG 2.2.1 excepts a time limit of which nothing depends: there is a link, and no more to be read.
    await look(other, 'leaving', { except: ['meta-refresh'] });
    await other.unroute('**/post_logout_redirect**');
    await other.click('#leaving-next');
    await other.waitForSelector('#back');
    assert.equal(await other.textContent('#back'), 'Back with s');
    for (const [nth, portal] of [a, b].entries()) {
      assert.deepEqual(portal.framed[0].query, [['iss', provider.issuer], ['sid', sid(expected[nth])]]);
      assert.deepEqual(portal.framed[0].session, expected[nth], 'the frame had the portal\'s cookie');
    }
    await answers(page, 'changed');
    await page.goto(`${a.origin}/home`);
    await page.waitForSelector('#signed-out');
    assert.deepEqual(page.noticed, []);
  });

  test('without script it goes on by itself, and without a portal that asked it ends with us', async () => {
    const page = await person(browser, { javaScriptEnabled: false, language: 'de-CH' });
    await signIn(page, a);
    a.framed.length = 0;
    await page.click('#out');
    await page.waitForURL(`${a.origin}/post_logout_redirect?state=s`);
    assert.equal(a.framed.length, 1);
    await signIn(page, a);
    await page.goto(`${provider.issuer}/logout`);
    await page.click('#logout-yes');
    await page.waitForSelector('#op-logged-out');
    assert.equal(a.framed.length, 2);
    await page.leave();
    const reader = await person(browser);
    await signIn(reader, a);
    await reader.goto(`${provider.issuer}/logout`);
    await look(reader, 'logout-confirm');
    await reader.click('#logout-yes');
    await reader.waitForSelector('#op-logged-out');
    await look(reader, 'logged-out');
    await reader.leave();
  });

  test('the page that watches is framed by portals alone, and says «changed» where a browser shows frames no cookies', async () => {
    const page = await person(browser);
    await page.goto(`${stranger.origin}/watch`);
    await new Promise((later) => setTimeout(later, 1500));
    assert.deepEqual(await page.evaluate(() => window.answers), [], 'a stranger is not answered');
    assert.match(page.noticed.join('\n'), /frame-ancestors/);
    await page.leave();
    const careful = await person(browser);
    await signIn(careful, a);
    await answers(careful, 'changed');
    assert.ok((await careful.context().cookies()).some((cookie) => cookie.name === '__Host-poterne-state-op'));
    await careful.leave();
  });
});
