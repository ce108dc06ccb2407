// Driving the product as a person does: a demo of its own, a real Chromium, the demo's outbox as the mailbox and the phone.

import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

export const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const binary = process.env.POTERNE_BINARY ?? join(top, 'target', 'debug', 'poterne');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How long a person of these tests waits for a page or a message, in milliseconds. */
export const PATIENCE = 15_000;

/** Looks until `look` gives something; fails with what was `awaited`. */
export async function eventually(awaited, look, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${patience} ms for ${awaited}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

// ---- a demo of its own

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort() {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/**
 * Starts `poterne demo` on free ports with its data in a temporary folder.
 *
 * `{issuer, start, outbox, portals}` as the demo says them; `codes` and `accounts` to try; `portal(name)` the address of the
 * portal whose name contains `name`; `codeOf(name)` and `accountOf(login)` by the beginning; `lastMail(to)` and `lastSms(to)`; `command(...)` runs a command of the operator on its data;
 * `restart()` keeps the data, `kill()` is kill -9, `stop()` ends it and removes the data.
 */
export async function startDemo({ dataDir } = {}) {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'poterne-demo-')));
  const listen = `127.0.0.1:${await freePort()}`;
  const demo = { folder, listen, ...(await launch(folder, listen)) };
  const json = async (path) => {
    const answer = await fetch(`http://${listen}${path}`);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  };
  demo.origin = `http://${listen}`;
  demo.startPage = () => json('/demo/start.json');
  demo.outboxList = () => json('/demo/outbox.json');
  Object.assign(demo, await demo.startPage());
  demo.portal = (name) => {
    const portal = demo.portals.find((p) => p.name.includes(name));
    if (!portal) throw new Error(`no portal named ${name}: ${demo.portals.map((p) => p.name).join(', ')}`);
    return portal.url;
  };
  Object.assign(demo, mailbox(demo.outboxList));
  demo.codeOf = (name) => demo.codes.find((code) => code.person.includes(name));
  demo.accountOf = (login) => demo.accounts.find((account) => account.login.startsWith(login));
  demo.command = async (...words) => {
    const { stdout } = await promisify(execFile)(binary, [...words, '--data-dir', folder, '--json']);
    return JSON.parse(stdout);
  };
  demo.kill = () => end(demo.process, 'SIGKILL');
  demo.restart = async () => {
    await end(demo.process, 'SIGTERM');
    Object.assign(demo, await launch(folder, listen));
  };
  demo.stop = async () => {
    await end(demo.process, 'SIGTERM');
    if (!dataDir) await rm(folder, { recursive: true, force: true });
  };
  return demo;
}

/** Starts the binary and waits for its line of JSON. What it logs is shown only if it does not come up. */
async function launch(folder, listen) {
  const child = spawn(binary, ['demo', '--data-dir', folder, '--listen', listen, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Nothing outlives the tests, however they end.
  const sweep = () => child.kill('SIGKILL');
  process.once('exit', sweep);
  child.once('exit', () => process.off('exit', sweep));
  const log = [];
  child.stderr.on('data', (chunk) => {
    log.push(chunk);
    if (log.length > 500) log.shift();
  });
  const ready = new Promise((found, failed) => {
    child.once('error', failed);
    child.once('exit', (code, signal) => failed(new Error(`it ended with ${code ?? signal}`)));
    setTimeout(() => failed(new Error('it was not ready in 60 s')), 60_000).unref();
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) found(JSON.parse(line));
    });
  });
  try {
    const said = await ready;
    return { ...said, process: child, log: () => Buffer.concat(log).toString() };
  } catch (why) {
    child.kill('SIGKILL');
    throw new Error(`the demo did not start: ${why.message}\n${Buffer.concat(log)}`);
  }
}

async function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((ended) => child.once('exit', ended));
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(late);
}

/** `lastMail` and `lastSms` over a function that lists the outbox, newest last. */
export function mailbox(list) {
  const digits = (text) => text.replace(/[^0-9]/g, '');
  const last = (channel, same) => async (to, { after = null } = {}) =>
    eventually(`a ${channel} to ${to}`, async () => {
      const all = (await list()).filter((m) => m.channel === channel && same(m.to, to));
      const newest = all.at(-1);
      return newest && newest.id !== after?.id ? newest : null;
    });
  return {
    /** The newest mail to an address; with `after`, one that is newer than that message. */
    lastMail: last('mail', (a, b) => a.toLowerCase() === b.toLowerCase()),
    /** The newest SMS to a number, however it is spaced. */
    lastSms: last('sms', (a, b) => digits(a).slice(-9) === digits(b).slice(-9)),
  };
}

/** The six digits in a message. */
export function sixDigits(message) {
  const found = /(?<!\d)\d{3}[ \u00a0\u202f]?\d{3}(?!\d)/.exec(message.text);
  if (!found) throw new Error(`no six-digit code in: ${message.text}`);
  return found[0].replace(/\D/g, '');
}

// ---- an authenticator app

/** The code that an authenticator app shows at `at` (milliseconds since 1970): RFC 6238 with SHA-1, 30 s, from a base32 secret. */
export function totp(secret, at = Date.now(), digits = 6) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  // RFC 4226, 5.3: the last nibble says where the number lies.
  const number = mac.readUInt32BE(mac.at(-1) & 0x0f) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

function base32(text) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const letter of text.toUpperCase().replace(/[\s=-]/g, '')) {
    const value = alphabet.indexOf(letter);
    if (value < 0) throw new Error(`not base32: ${letter}`);
    bits += value.toString(2).padStart(5, '0');
  }
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

// ---- people and what they see

/** A Chromium: the one of POTERNE_CHROMIUM, the system's, else Playwright's own. */
function chromiumWith(args) {
  const candidates = [process.env.POTERNE_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
  return {
    executablePath: candidates.find((path) => path && existsSync(path)),
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  };
}

/** A browser, whose people are all strangers to it: it shows frames of other sites no cookies. */
export function openBrowser({ args = [] } = {}) {
  return chromium.launch(chromiumWith(args));
}

/**
 * Somebody at a computer of their own (own cookies), reading `language`: a page, with `noticed`, what the browser complained of
 * (errors in scripts, broken content security policy), and `leave()`.
 */
export async function person(browser, { language = 'fr-CH', ...looks } = {}) {
  return atPage(await browser.newContext({ locale: language, viewport: { width: 1280, height: 900 }, ...looks }));
}

/** Somebody with a browser and a profile of their own in `folder`, as `person`; frames of other sites have
 * their cookies there. */
export async function owner(folder, { args = [], language = 'fr-CH', ...looks } = {}) {
  const own = { locale: language, viewport: { width: 1280, height: 900 }, ...looks };
  // Debian's Chromium shows frames of other sites no cookies unless a profile says so.
  await mkdir(join(folder, 'Default'), { recursive: true });
  await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify({ profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }));
  return atPage(await chromium.launchPersistentContext(folder, { ...chromiumWith(args), ...own }));
}

async function atPage(context) {
  context.setDefaultTimeout(PATIENCE);
  const noticed = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => noticed.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error' && /Content Security Policy|Refused to/i.test(line.text())) noticed.push(line.text());
  });
  return Object.assign(page, { noticed, leave: () => context.close() });
}

/** The rules of WCAG 2.2 at level AA, as axe names them. */
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Looks at the page in light and dark, narrow and wide; throws the list of what bars somebody's way. */
export async function axe(page, { except = [] } = {}) {
  const before = page.viewportSize();
  const found = new Map();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      for (const line of [...(await violations(page, except)), ...(await sideways(page))]) {
        found.set(line, [...(found.get(line) ?? []), `${colorScheme} ${width}`]);
      }
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (before) await page.setViewportSize(before);
  if (found.size === 0) return;
  const list = [...found].map(([line, where]) => `  ${line}\n      seen in: ${where.join(', ')}`);
  throw new Error(`${await page.title()} (${page.url()}) bars somebody's way:\n${list.join('\n')}`);
}

/** Axe runs in the page by the debugger's hand, which no content security policy stops. */
async function violations(page, except) {
  if (!(await page.evaluate('typeof window.axe === "object"'))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(
    ({ tags, rules }) => window.axe.run(document, { runOnly: { type: 'tag', values: tags }, rules, resultTypes: ['violations'] }),
    { tags: WCAG, rules: Object.fromEntries(except.map((rule) => [rule, { enabled: false }])) },
  );
  return violations.flatMap((rule) =>
    rule.nodes.map((node) => {
      const why = node.failureSummary.split('\n').slice(1).map((line) => line.trim()).join('; ');
      return `${rule.id}: ${rule.help}\n      at ${node.target.join(' ')}: ${why}`;
    }),
  );
}

/** WCAG 1.4.10: at 320 px nothing needs scrolling sideways. Axe does not look at it. */
async function sideways(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return over > 0 ? [`reflow: the page scrolls sideways by ${over} px`] : [];
}

/** A picture for the documents, at 1280 and 390 px, where POTERNE_SHOTS names a folder; else nothing. */
export async function shot(page, name) {
  const folder = process.env.POTERNE_SHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  const before = page.viewportSize();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true, animations: 'disabled' });
  }
  if (before) await page.setViewportSize(before);
}

/** Looks for what bars somebody's way on a page, and keeps its picture. */
export async function look(page, name, { except = [] } = {}) {
  await axe(page, { except });
  await shot(page, name);
}

// ---- what they do on the provider's pages

/** The button that leads on. */
export const next = (page) => page.locator('button[name=action][value=next]').click();

/** Types a code that was sent, and goes on. */
export async function typeCode(page, code) {
  await page.fill('input[name=code]', code);
  await next(page);
}

/** User name and password on the sign-in page, then the code of the second factor; `onFactor` looks at its page. */
export async function signIn(demo, page, account, { password = account.password, onFactor = () => {} } = {}) {
  await page.waitForSelector('#op-login');
  await page.fill('#username', account.login);
  await page.fill('#password', password);
  const earlier = (await demo.outboxList()).at(-1);
  await page.click('#login-submit');
  await page.waitForSelector('#op-factor');
  const factor = account.factors[0];
  await onFactor(factor);
  const code = factor.kind === 'totp' ? totp(factor.secret) : sixDigits(await demo.lastSms(factor.number, { after: earlier }));
  await page.fill('input[name=code]', code);
  await page.click('#factor-submit');
}
