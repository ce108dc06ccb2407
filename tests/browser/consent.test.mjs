// Somebody else's application: asked for, allowed, refused, taken back; and two accounts in one browser. By keyboard and without script, too.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { look, openBrowser, person, signIn, startDemo } from './support.mjs';

/** Where the application lives: a server of its own, since a browser asks nobody else for what a redirect leads to. */
let callback;
let site;
let demo;
let browser;
before(async () => {
  site = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<h1>Budget</h1>'));
  await new Promise((up) => site.listen(0, '127.0.0.1', up));
  callback = `http://127.0.0.1:${site.address().port}/callback`;
  demo = await startDemo();
  browser = await openBrowser();
  await demo.command('client', 'add', '--realm', 'lindenhof', '--client-id', 'budget', '--name', 'Budget Suisse', '--redirect-uri', callback,
    '--client-uri', 'https://budget.example/', '--scope', 'openid profile email poterne', '--sector', 'budget');
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  site?.close();
});

/** The address of a request of the application, with parameters added. */
function request(more = {}) {
  const parameters = {
    client_id: 'budget',
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid profile email',
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  };
  return `${demo.issuer}/authorize?${new URLSearchParams(parameters)}`;
}

/** What came back to the application. */
async function answer(page) {
  await page.waitForURL((url) => url.href.startsWith(callback));
  return new URL(page.url()).searchParams;
}

describe('consent', () => {
  test('Camille refuses, then allows, sees it on her account and takes it back', async () => {
    const page = await person(browser);
    const camille = demo.accountOf('camille');
    await page.goto(request());
    await signIn(demo, page, camille);
    await page.waitForSelector('#op-consent');
    await look(page, 'consent');
    await page.click('#consent-deny');
    assert.equal((await answer(page)).get('error'), 'access_denied');

    await page.goto(request());
    await page.waitForSelector('#op-consent');
    // By keyboard alone: from the heading to the button.
    await page.focus('#consent-account');
    for (let at = 0; at < 9 && (await page.evaluate(() => document.activeElement.id)) !== 'consent-allow'; at += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.ok((await answer(page)).get('code'));
    await page.goto(request());
    assert.ok((await answer(page)).get('code'), 'it is remembered');

    await page.goto(request({ scope: 'openid profile email poterne' }));
    await page.waitForSelector('.things .mark');
    await look(page, 'consent-more');
    await page.goto(`${demo.issuer}/ui/account`);
    assert.match(await page.innerText('#apps'), /Budget Suisse/);
    await look(page, 'account-apps');
    await page.click('#apps .act a');
    await page.waitForSelector('#op-app');
    await look(page, 'account-app');
    await page.click('#app-withdraw');
    await page.waitForSelector('#done');
    assert.doesNotMatch(await page.innerText('#apps'), /Budget Suisse/);
    await look(page, 'account-app-done');
    await page.goto(request({ prompt: 'none' }));
    assert.equal((await answer(page)).get('error'), 'consent_required');
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('two accounts in one browser, without script', async () => {
    const page = await person(browser, { javaScriptEnabled: false });
    const [camille, beatrice] = ['camille', 'beatrice'].map((login) => demo.accountOf(login));
    await page.goto(request({ prompt: 'login' }));
    await signIn(demo, page, camille);
    await page.waitForSelector('#op-consent');
    await page.click('#consent-allow');
    await answer(page);
    await page.goto(request({ prompt: 'select_account' }));
    await page.waitForSelector('#op-accounts');
    await page.click('#account-other');
    await signIn(demo, page, beatrice);
    await page.waitForSelector('#op-consent');
    await page.click('#consent-allow');
    await answer(page);
    await page.goto(request({ prompt: 'select_account' }));
    await page.waitForSelector('#op-accounts');
    assert.equal(await page.locator('#op-accounts button[name=session]').count(), 2);
    await page.locator('#op-accounts button[name=session]', { hasText: camille.login }).press('Enter');
    assert.ok((await answer(page)).get('code'));
    await page.leave();
    // Axe needs script: the same page once more with it.
    const seen = await person(browser);
    await seen.goto(request({ prompt: 'login' }));
    await signIn(demo, seen, camille);
    await answer(seen);
    await seen.goto(request({ prompt: 'select_account' }));
    await seen.waitForSelector('#op-accounts');
    await look(seen, 'accounts');
    assert.deepEqual(seen.noticed, []);
    await seen.leave();
  });
});
