// Whole journeys through the demo in a real Chromium, each page looked at for what bars somebody's way.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { axe, look, next, openBrowser, person, shot, signIn, sixDigits, startDemo, totp, typeCode } from './support.mjs';

let demo;
let browser;
before(async () => {
  demo = await startDemo();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Looks at the page of the second factor. */
const seen = (page) => ({ onFactor: (factor) => look(page, `factor-${factor.kind}`) });
const accountBy = (kind) => demo.accounts.find((account) => account.factors.some((factor) => factor.kind === kind));

/** From a portal's button to step 1. */
async function register(page, portal) {
  await page.goto(portal);
  await page.click('#portal-signin');
  await page.waitForSelector('#op-login');
  await page.click('#register');
  await page.click('#population-insured');
  await page.waitForSelector('input[name=avs_number]');
}

async function identify(page, { identifiers, code }) {
  await page.fill('input[name=avs_number]', identifiers.avs_number);
  await page.fill('input[name=birth_date]', identifiers.birth_date);
  await page.fill('input[name=code]', code);
  await page.check('input[name=terms]');
  await next(page);
}

async function giveUserData(page, email, password) {
  await page.fill('input[name=email]', email);
  await page.fill('input[name=password]', password);
  await page.fill('input[name=password_repeat]', password);
  await next(page);
}

describe('onboarding', () => {
  test('s_01 to s_15: Marie goes from the letter to the portal by SMS', async () => {
    const page = await person(browser);
    await page.goto(demo.portal('flex'));
    await axe(page);
    await shot(page, 'portal');
    await page.click('#portal-signin');
    await page.waitForSelector('#op-login');
    await axe(page);
    await shot(page, 'signin');
    await page.click('#register');
    await page.waitForSelector('#population-insured');
    await axe(page);
    await shot(page, 'population');
    await page.click('#population-insured');
    await page.waitForSelector('input[name=avs_number]');
    await axe(page);
    await shot(page, 'step-1');
    // A mistake first: it is named, and what was typed stays.
    await page.fill('input[name=avs_number]', '756.0000.0000.18');
    await page.fill('input[name=birth_date]', '31.02.1984');
    await next(page);
    await axe(page);
    await shot(page, 'step-1-errors');
    assert.equal(await page.inputValue('input[name=birth_date]'), '31.02.1984');
    assert.match(await page.title(), /^Erreur/);
    await identify(page, demo.codeOf('Marie'));
    await page.waitForSelector('input[name=email]');
    await axe(page);
    await shot(page, 'step-2');
    await giveUserData(page, 'marie.favre@post.example', 'Tilleul-Vert-1984');
    await page.waitForSelector('input[name=code]');
    await axe(page);
    await shot(page, 'step-3');
    await typeCode(page, sixDigits(await demo.lastMail('marie.favre@post.example')));
    await page.waitForSelector('input[name=factor]');
    await axe(page);
    await shot(page, 'step-4');
    await page.check('input[name=factor][value=sms]');
    await page.fill('input[name=phone]', '079 000 00 01');
    await next(page);
    await page.waitForSelector('input[name=code]');
    await axe(page);
    await shot(page, 'step-5-sms');
    const sms = await demo.lastSms('+41 79 000 00 01');
    assert.match(sms.text, /^Votre code: \d{6}/);
    await typeCode(page, sixDigits(sms));
    await page.waitForSelector('#enrolled');
    await axe(page);
    await shot(page, 'success');
    await page.click('#continue');
    await page.waitForSelector('#portal-greeting');
    await axe(page);
    await shot(page, 'portal-signed-in');
    assert.equal(await page.innerText('#portal-email'), 'marie.favre@post.example');
    assert.deepEqual(page.noticed, []);
    const { codes } = await demo.startPage();
    assert.ok(!codes.some((code) => code.person.includes('Marie')), 'her code is no longer offered');
    await page.leave();
  });

  test('s_14: Urs takes an authenticator app, in German', async () => {
    const page = await person(browser, { language: 'de-CH' });
    await register(page, demo.portal('1e'));
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    await identify(page, demo.codeOf('Urs'));
    await giveUserData(page, 'urs.amstutz@post.example', 'Emmental-Chäs-68');
    await typeCode(page, sixDigits(await demo.lastMail('urs.amstutz@post.example')));
    await page.check('input[name=factor][value=totp]');
    await next(page);
    await page.waitForSelector('svg');
    await axe(page);
    await shot(page, 'step-5-app');
    // The secret stands in a fold for those who cannot scan.
    await page.click('summary');
    const secret = await page.innerText('#totp-secret');
    await typeCode(page, totp(secret));
    await page.click('#continue');
    await page.waitForSelector('#portal-greeting');
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('reload, back, a second tab and a restart in the middle lose nothing', async () => {
    const page = await person(browser);
    await register(page, demo.portal('flex'));
    await identify(page, demo.codeOf('Lucia'));
    await page.waitForSelector('input[name=email]');
    await page.reload();
    await giveUserData(page, 'lucia@posta.example', 'Ticino-Sole-1956');
    await page.waitForSelector('input[name=code]');
    await page.goBack();
    await page.goForward();
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await tab.waitForSelector('input[name=code]');
    await tab.close();
    const mail = await demo.lastMail('lucia@posta.example');
    await demo.restart();
    await typeCode(page, sixDigits(mail));
    await page.waitForSelector('input[name=factor]');
    await page.check('input[name=factor][value=sms]');
    await page.fill('input[name=phone]', '079 000 00 03');
    await next(page);
    await typeCode(page, sixDigits(await demo.lastSms('+41 79 000 00 03')));
    await page.click('#continue');
    await page.waitForSelector('#portal-greeting');
    await page.leave();
  });

  test('v_16 v_24: cancelling leaves the code usable', async () => {
    const page = await person(browser);
    await register(page, demo.portal('flex'));
    await identify(page, demo.codeOf('Sophie'));
    await page.locator('button[name=action][value=cancel]').click();
    await page.waitForSelector('#cancelled');
    await axe(page);
    await shot(page, 'cancelled');
    const { codes } = await demo.startPage();
    assert.ok(codes.some((code) => code.person.includes('Sophie')));
    await page.leave();
  });

  test('by keyboard alone: the way in, the skip link, a help text and an empty form', async () => {
    const page = await person(browser);
    const at = () => page.evaluate(() => document.activeElement.id || document.activeElement.tagName.toLowerCase());
    const ring = () => page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    await page.goto(demo.portal('flex'));
    await page.click('#portal-signin');
    await page.waitForSelector('#op-login');
    assert.equal(await at(), 'username', 'who comes back may type at once');
    // Backwards: the help, then the way to register, which stands before the fields.
    for (const stop of ['summary', 'register']) {
      await page.keyboard.press('Shift+Tab');
      assert.equal(await at(), stop);
      assert.equal(await ring(), 'solid');
    }
    await page.keyboard.press('Enter');
    await page.focus('#population-insured');
    assert.equal(await ring(), 'solid');
    await page.keyboard.press('Enter');
    await page.waitForSelector('input[name=avs_number]');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    assert.equal(await ring(), 'solid');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await at(), 'summary', 'the languages are skipped');
    await page.keyboard.press('Enter');
    assert.ok(await page.isVisible('.help p'));
    const stops = [];
    for (let i = 0; i < 8; i += 1) {
      await page.keyboard.press('Tab');
      stops.push(await at());
      assert.equal(await ring(), 'solid');
    }
    assert.deepEqual(stops, ['avs_number', 'summary', 'birth_date', 'summary', 'code', 'a', 'terms', 'button']);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.summary');
    assert.match(await page.innerText('.summary'), /Numéro AVS\s: Veuillez remplir ce champ/);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await at(), 'avs_number', 'the summary leads to the field');
    await page.leave();
  });

  test('without script everything works', async () => {
    const page = await person(browser, { javaScriptEnabled: false });
    await register(page, demo.portal('flex'));
    await identify(page, demo.codeOf('Sophie'));
    await giveUserData(page, 'sophie@post.example', 'Boulange-Lac-75!');
    await typeCode(page, sixDigits(await demo.lastMail('sophie@post.example')));
    await page.check('input[name=factor][value=sms]');
    await page.fill('input[name=phone]', '079 000 00 10');
    await next(page);
    await typeCode(page, sixDigits(await demo.lastSms('+41 79 000 00 10')));
    await page.click('#continue');
    await page.waitForSelector('#portal-greeting');
    await page.leave();
  });
});

describe('signing in', () => {
  test('by SMS, then without password at the second portal, then out (s_16, v_32)', async () => {
    const page = await person(browser);
    await page.goto(demo.portal('flex'));
    await page.click('#portal-signin');
    await signIn(demo, page, accountBy('sms'), seen(page));
    await page.waitForSelector('#portal-greeting');
    const sub = await page.innerText('#portal-sub');
    await page.goto(demo.portal('1e'));
    await page.click('#portal-signin');
    await page.waitForSelector('#portal-greeting');
    assert.notEqual(await page.innerText('#portal-sub'), sub, 'portals cannot compare people');
    await axe(page);
    await page.click('#portal-signout');
    await page.waitForSelector('#portal-signed-out');
    await axe(page);
    await shot(page, 'signed-out');
    await page.goto(demo.portal('1e'));
    await page.click('#portal-signin');
    await page.waitForSelector('#op-login');
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('by authenticator app', async () => {
    const page = await person(browser, { language: 'de-CH' });
    await page.goto(demo.portal('1e'));
    await page.click('#portal-signin');
    await signIn(demo, page, accountBy('totp'), seen(page));
    await page.waitForSelector('#portal-greeting');
    await page.leave();
  });

  test('two portals in two tabs, signed in to both', async () => {
    const page = await person(browser);
    const other = await page.context().newPage();
    await page.goto(demo.portal('flex'));
    await other.goto(demo.portal('1e'));
    await Promise.all([page.click('#portal-signin'), other.click('#portal-signin')]);
    await page.waitForSelector('#op-login');
    await other.waitForSelector('#op-login');
    await signIn(demo, page, accountBy('sms'), seen(page));
    await page.waitForSelector('#portal-greeting');
    await other.reload();
    await other.waitForSelector('#portal-greeting');
    await page.leave();
  });

  test('a wrong password keeps the name and says one sentence', async () => {
    const page = await person(browser);
    await page.goto(demo.portal('flex'));
    await page.click('#portal-signin');
    await page.fill('#username', 'nobody@post.example');
    await page.fill('#password', 'Faux-Passe-99!');
    await page.click('#login-submit');
    assert.equal(await page.inputValue('#username'), 'nobody@post.example');
    assert.equal(await page.inputValue('#password'), '');
    await axe(page);
    await shot(page, 'signin-wrong');
    await page.leave();
  });
});

describe('languages', () => {
  for (const [locale, lang] of [['fr-CH', 'fr'], ['de-CH', 'de'], ['it-CH', 'it'], ['en-GB', 'en'], ['rm-CH', 'de']]) {
    test(`${locale} reads ${lang}, and can switch`, async () => {
      const page = await person(browser, { language: locale });
      await page.goto(demo.portal('flex'));
      await page.click('#portal-signin');
      await page.waitForSelector('#op-login');
      assert.equal(await page.getAttribute('html', 'lang'), lang);
      await page.click('nav.languages a[lang=it], nav.languages [lang=it]');
      assert.equal(await page.getAttribute('html', 'lang'), 'it');
      await page.click('#register');
      await page.click('#population-insured');
      await page.waitForSelector('input[name=avs_number]');
      assert.equal(await page.getAttribute('html', 'lang'), 'it');
      await axe(page);
      await page.leave();
    });
  }
});

describe('the demo itself', () => {
  test('its start page and outbox bar nobody', async () => {
    const page = await person(browser);
    await page.goto(demo.start);
    await axe(page);
    await shot(page, 'start');
    await page.goto(demo.outbox);
    await axe(page);
    await shot(page, 'outbox');
    await page.leave();
  });

  test('an unknown client and an unknown page explain themselves', async () => {
    const page = await person(browser);
    const answer = await page.goto(`${demo.issuer}/authorize?client_id=nobody&response_type=code`);
    assert.equal(answer.status(), 400);
    await page.waitForSelector('#op-error');
    await axe(page);
    await shot(page, 'error');
    await page.goto(`${demo.issuer}/nowhere`);
    await axe(page);
    await page.leave();
  });

  test('the issuer, cut short or with a flow nobody knows, leads to the portals', async () => {
    const page = await person(browser);
    await page.goto(`${demo.issuer}/ui/login/AaIC3AYdYfBr0C3BxX2_Xw`);
    await axe(page);
    await shot(page, 'expired');
    await page.click('#home');
    await axe(page);
    await shot(page, 'home');
    await page.click(`a[href^="${new URL(demo.portal('flex')).origin}"]`);
    await page.waitForSelector('#portal-signin');
    await page.leave();
  });
});
