// The helpers of support.mjs, tried on pages that are good or bad on purpose.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { axe, eventually, freePort, mailbox, openBrowser, person, shot, sixDigits, totp } from './support.mjs';

const GOOD = `<!doctype html><html lang="fr"><head><title>Bonjour</title><meta name="viewport" content="width=device-width">
<style>:root { color-scheme: light dark; color: #111; background: #fff }
@media (prefers-color-scheme: dark) { :root { color: #eee; background: #111 } }</style></head>
<body><main><h1>Bonjour</h1><label>Nom <input name="name"></label></main></body></html>`;

const BAD_IN_THE_DARK = GOOD.replace('color: #eee', 'color: #333');
const TOO_WIDE = GOOD.replace('<h1>', '<h1 style="width: 600px">');
const WITHOUT_LABEL = GOOD.replace('<label>Nom ', '').replace('</label>', '');
const pages = { '/': GOOD, '/dark': BAD_IN_THE_DARK, '/wide': TOO_WIDE, '/label': WITHOUT_LABEL };

describe('a person with a browser', () => {
  let server, origin, browser;

  before(async () => {
    server = createServer((request, response) => {
      response.writeHead(request.url in pages ? 200 : 404, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      });
      response.end(pages[request.url] ?? '');
    });
    const port = await freePort();
    await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
    origin = `http://127.0.0.1:${port}`;
    browser = await openBrowser();
  });

  after(async () => {
    await browser?.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  /** Somebody who is looking at `path`. */
  const lookingAt = async (path, looks) => {
    const marie = await person(browser, looks);
    await marie.goto(origin + path);
    return marie;
  };

  test('a good page passes in both colour schemes and widths, in spite of a strict policy', async () => {
    const marie = await lookingAt('/');
    await axe(marie);
    assert.deepEqual(marie.noticed, []);
    assert.deepEqual(marie.viewportSize(), { width: 1280, height: 900 }, 'the window is as it was');
    await marie.leave();
  });

  test('a page that cannot be read in the dark is named', async () => {
    const marie = await lookingAt('/dark');
    await assert.rejects(axe(marie), (error) => /color-contrast/.test(error.message) && /seen in: dark 320, dark 1280/.test(error.message));
    await marie.leave();
  });

  test('a page that scrolls sideways on a phone is named', async () => {
    const marie = await lookingAt('/wide');
    await assert.rejects(axe(marie), /reflow: .*\n.*seen in: light 320, dark 320$/m);
    await marie.leave();
  });

  test('a field without a label is named with its place', async () => {
    const marie = await lookingAt('/label');
    await assert.rejects(axe(marie), /label: .*\n.*at input: /);
    await marie.leave();
  });

  test('two people have their own cookies and languages', async () => {
    const marie = await lookingAt('/');
    const urs = await lookingAt('/', { language: 'de-CH' });
    await marie.context().addCookies([{ name: 'a', value: '1', url: origin }]);
    assert.equal((await marie.context().cookies()).length, 1);
    assert.equal((await urs.context().cookies()).length, 0);
    assert.equal(await marie.evaluate(() => navigator.language), 'fr-CH');
    assert.equal(await urs.evaluate(() => navigator.language), 'de-CH');
    await marie.leave();
    await urs.leave();
  });

  test('pictures come in two widths, and only when asked for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'poterne-shots-'));
    const asked = process.env.POTERNE_SHOTS;
    const marie = await lookingAt('/');
    delete process.env.POTERNE_SHOTS;
    await shot(marie, 'hello');
    assert.deepEqual(await readdir(folder), []);
    process.env.POTERNE_SHOTS = folder;
    await shot(marie, 'hello');
    assert.deepEqual((await readdir(folder)).sort(), ['hello-1280.png', 'hello-390.png']);
    if (asked === undefined) delete process.env.POTERNE_SHOTS;
    else process.env.POTERNE_SHOTS = asked;
    await marie.leave();
    await rm(folder, { recursive: true });
  });
});

describe('an authenticator app', () => {
  // RFC 6238, appendix B: the ASCII secret 12345678901234567890, eight digits, SHA-1.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const vectors = [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ];
  for (const [seconds, code] of vectors) {
    test(`shows ${code} at ${seconds} s`, () => assert.equal(totp(secret, seconds * 1000, 8), code));
  }
  test('shows six digits by default, and takes a secret as people type it', () => {
    assert.equal(totp('gezd gnbv gy3t qojq gezd gnbv gy3t qojq', 59_000), '287082');
  });
});

describe('the mailbox', () => {
  const sent = [
    { id: '1', channel: 'mail', to: 'marie@example.ch', text: 'Votre code: 111111' },
    { id: '2', channel: 'sms', to: '+41791234567', text: 'Votre code: 222 333' },
    { id: '3', channel: 'mail', to: 'marie@example.ch', text: 'Votre code: 444555, valable 10 minutes' },
  ];
  const { lastMail, lastSms } = mailbox(async () => sent);

  test('gives the newest message to that person', async () => {
    assert.equal((await lastMail('Marie@example.ch')).id, '3');
    assert.equal((await lastSms('079 123 45 67')).id, '2');
  });

  test('waits for one that is newer', async () => {
    const first = await lastSms('+41791234567');
    setTimeout(() => sent.push({ ...first, id: '4', text: 'Votre code: 666777' }), 100);
    assert.equal((await lastSms('+41791234567', { after: first })).id, '4');
  });

  test('gives the code in a message', async () => {
    assert.equal(sixDigits(await lastMail('marie@example.ch')), '444555');
    assert.equal(sixDigits({ text: 'Votre code: 222 333' }), '222333');
    assert.throws(() => sixDigits({ text: 'AVS 7561234567897' }), /no six-digit code/);
  });

  test('says what it waited for', async () => {
    await assert.rejects(
      eventually('a letter', () => null, 60),
      /waited 60 ms for a letter/,
    );
  });
});

describe('a demo that does not start', () => {
  test('says what it logged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'poterne-no-demo-'));
    const script = join(folder, 'demo');
    await writeFile(script, '#!/bin/sh\necho the port is in use >&2\nexit 3\n', { mode: 0o755 });
    process.env.POTERNE_BINARY = script;
    const { startDemo } = await import('./support.mjs?with=another-binary');
    await assert.rejects(startDemo({ dataDir: folder }), /did not start: it ended with 3\nthe port is in use/);
    delete process.env.POTERNE_BINARY;
    await rm(folder, { recursive: true });
  });
});
