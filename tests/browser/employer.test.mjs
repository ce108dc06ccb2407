// The employer's administrator, and the second fund: other settings, the same pages. One journey by keyboard alone, one without script.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { axe, look, next, openBrowser, person, signIn, sixDigits, startDemo, typeCode } from './support.mjs';

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

/** From the page of step 2 (or wherever `page` stands in the wizard) through the e-mail's code to step 4. */
async function confirmEmail(page, address) {
  await page.waitForSelector('input[name=code]');
  await typeCode(page, sixDigits(await demo.lastMail(address)));
  await page.waitForSelector('input[name=factor]', { state: 'attached' });
}

describe('the employer', () => {
  test('v_01 v_07 to v_32: Sophie opens the bakery’s access, from the fund’s page to the portal and out', async () => {
    const page = await person(browser);
    await page.goto(demo.start);
    await page.click('#fund-lindenhof >> text=Lindenhof Employeurs');
    await look(page, 'employer-portal');
    await page.click('#portal-signin');
    await page.waitForSelector('#op-login');
    await look(page, 'employer-signin');
    await page.click('#register');
    await page.waitForSelector('#population-employer');
    const offered = await page.locator('[id^=population-]').allInnerTexts();
    assert.match(offered[0], /^Employeur/, 'the portal’s own population comes first');
    assert.ok(offered.length > 1);
    await look(page, 'employer-population');
    await page.click('#population-employer');
    await page.waitForSelector('input[name=company_no]');
    assert.equal(await page.innerText('h1'), 'Employeur');
    await look(page, 'employer-step-1');
    // A legal form alone, and nothing accepted: named, and what was typed stays.
    await page.fill('input[name=company_no]', '10428');
    await page.fill('input[name=company_name]', 'SA');
    await next(page);
    await page.waitForSelector('.summary');
    await look(page, 'employer-step-1-errors');
    assert.equal(await page.inputValue('input[name=company_no]'), '10428');
    await page.fill('input[name=company_name]', 'au four du lac');
    await page.fill('input[name=code]', demo.codeOf('Boulangerie').code);
    await page.check('input[name=terms]');
    await next(page);
    await page.waitForSelector('select[name=title]');
    assert.equal(await page.locator('select[name=title] option:checked').innerText(), 'Sélectionner');
    await look(page, 'employer-step-2');
    await next(page);
    await page.waitForSelector('.summary');
    await look(page, 'employer-step-2-errors');
    await page.selectOption('select[name=title]', { label: 'Madame' });
    await page.fill('input[name=family_name]', 'Rochat');
    await page.fill('input[name=given_name]', 'Sophie');
    await page.fill('input[name=email]', 'rh@boulangerie-du-lac.example');
    await page.fill('input[name=password]', 'Croissant-Chaud-10428');
    await page.fill('input[name=password_repeat]', 'Croissant-Chaud-10428');
    await next(page);
    await page.waitForSelector('input[name=code]');
    await look(page, 'employer-step-3');
    await confirmEmail(page, 'rh@boulangerie-du-lac.example');
    await look(page, 'employer-step-4');
    await page.check('input[name=factor][value=sms]');
    await page.fill('input[name=phone]', '079 000 00 41');
    await next(page);
    await page.waitForSelector('input[name=code]');
    await look(page, 'employer-step-5');
    await typeCode(page, sixDigits(await demo.lastSms('+41 79 000 00 41')));
    await page.waitForSelector('#enrolled');
    assert.equal(await page.innerText('h1'), 'Employeur');
    await look(page, 'employer-success');
    await page.click('#continue');
    await page.waitForSelector('#portal-greeting');
    await look(page, 'employer-signed-in');
    await page.click('#portal-signout');
    await page.waitForSelector('#portal-signed-out');
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('by keyboard alone, from the portal to the success page', async () => {
    const page = await person(browser);
    /** Presses Tab until the element is in focus, and sees that the focus shows. */
    const tabTo = async (selector) => {
      for (let i = 0; i < 40; i += 1) {
        await page.keyboard.press('Tab');
        const [here, outline] = await page.evaluate(
          (wanted) => [document.activeElement.matches(wanted), getComputedStyle(document.activeElement).outlineStyle],
          selector,
        );
        if (here) {
          assert.notEqual(outline, 'none', `${selector} shows that it is in focus`);
          return;
        }
      }
      throw new Error(`${selector} cannot be reached by Tab on ${page.url()}`);
    };
    const fill = async (field, text) => {
      await tabTo(`[name=${field}]`);
      await page.keyboard.type(text);
    };
    const press = async (selector, key = 'Enter') => {
      await tabTo(selector);
      await page.keyboard.press(key);
    };
    const { identifiers, code } = demo.codeOf('Verbano');
    await page.goto(demo.portal('Employeurs'));
    await press('#portal-signin');
    await page.waitForSelector('#op-login');
    // The user name is in focus already; the way to register stands before it, so Tab goes round.
    await press('#register');
    await page.waitForSelector('#population-employer');
    await press('#population-employer');
    await page.waitForSelector('input[name=company_no]');
    await fill('company_no', identifiers.company_no);
    await fill('company_name', identifiers.company_name);
    await fill('code', code);
    await press('[name=terms]', 'Space');
    await press('button[value=next]');
    await page.waitForSelector('select[name=title]');
    await fill('title', 'Mad');
    await fill('family_name', 'Pedrazzini');
    await fill('given_name', 'Ornella');
    await fill('email', 'ornella@autotrasporti.example');
    await fill('password', 'Verbano-Barca-11502');
    await fill('password_repeat', 'Verbano-Barca-11502');
    await press('button[value=next]', 'Space');
    await page.waitForSelector('input[name=code]');
    await fill('code', sixDigits(await demo.lastMail('ornella@autotrasporti.example')));
    await page.keyboard.press('Enter');
    await page.waitForSelector('input[name=factor]');
    await press('[name=factor]', 'Space');
    await fill('phone', '079 000 00 43');
    await press('button[value=next]');
    await page.waitForSelector('input[name=code]');
    await fill('code', sixDigits(await demo.lastSms('+41 79 000 00 43')));
    await press('button[value=next]', 'Space');
    await page.waitForSelector('#enrolled');
    await press('#continue');
    await page.waitForSelector('#portal-greeting');
    assert.match(await page.innerText('body'), /Ornella/);
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('a portal that is not theirs says whose it is, and another access signs in', async () => {
    const page = await person(browser);
    await page.goto(demo.portal('flex'));
    await page.click('#portal-signin');
    await signIn(demo, page, demo.accountOf('beatrice'));
    await page.waitForSelector('#not-served');
    await look(page, 'not-served');
    const links = await page.locator('#not-served .choices a').allInnerTexts();
    assert.equal(links.length, 1);
    assert.match(links[0], /^Lindenhof Employeurs/);
    await page.click('#use-other');
    await signIn(demo, page, demo.accountOf('camille'));
    await page.waitForSelector('#portal-greeting');
    await page.goto(demo.portal('Employeurs'));
    await page.click('#portal-signin');
    await page.waitForSelector('#not-served');
    await page.click('#back');
    await page.waitForURL((url) => url.href.startsWith(demo.portal('Employeurs')));
    await axe(page);
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });
});

describe('the second fund', () => {
  /** From the portal to step 2. */
  async function identify(page, name) {
    const { identifiers, code } = demo.codeOf(name);
    await page.goto(demo.portal('mySäntima'));
    await page.click('#portal-signin');
    await page.waitForSelector('#op-login');
    await page.click('#register');
    await page.click('#population-insured');
    await page.waitForSelector('input[name=avs_number]');
    assert.equal(await page.locator('input[name=birth_date]').count(), 0);
    assert.equal(await page.locator('input[name=terms]').count(), 0);
    await page.fill('input[name=avs_number]', identifiers.avs_number);
    await page.fill('input[name=code]', code);
    await next(page);
    await page.waitForSelector('input[name=email]');
    assert.equal(await page.locator('input[name=password_repeat]').count(), 0);
  }

  /** Steps 2 to 5, by SMS, to the success page. */
  async function finish(page, email, phone) {
    await page.fill('input[name=email]', email);
    await page.fill('input[name=password]', 'trois bateaux sur le lac');
    await next(page);
    await confirmEmail(page, email);
    await page.fill('input[name=phone]', phone);
    await next(page);
    await page.waitForSelector('input[name=code]');
    await typeCode(page, sixDigits(await demo.lastSms(phone)));
    await page.waitForSelector('#enrolled');
  }

  test('x_03 x_07 x_18: Claire registers with code and AVS number, and accepts the terms before the portal opens', async () => {
    const page = await person(browser);
    await page.goto(demo.portal('mySäntima'));
    await look(page, 'saentima-portal');
    await page.click('#portal-signin');
    await page.waitForSelector('#op-login');
    await look(page, 'saentima-signin');
    await page.click('#register');
    await page.click('#population-insured');
    await page.waitForSelector('input[name=avs_number]');
    await look(page, 'saentima-step-1');
    await identify(page, 'Claire');
    await look(page, 'saentima-step-2');
    await page.fill('input[name=email]', 'claire@courriel.example');
    await page.fill('input[name=password]', 'trois bateaux sur le lac');
    await next(page);
    await confirmEmail(page, 'claire@courriel.example');
    await look(page, 'saentima-step-4');
    await page.fill('input[name=phone]', '079 000 00 51');
    await next(page);
    await page.waitForSelector('input[name=code]');
    const sms = await demo.lastSms('+41 79 000 00 51');
    assert.match(sms.text, /Säntima Vie SA/);
    assert.equal(sms.fund, 'saentima');
    await typeCode(page, sixDigits(sms));
    await page.click('#continue');
    await page.waitForSelector('#op-terms');
    await look(page, 'saentima-terms');
    await page.check('#terms');
    await page.click('#terms-accept');
    await page.waitForSelector('#portal-greeting');
    await look(page, 'saentima-signed-in');
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('without script: Beat registers, accepts the terms and is greeted, in German', async () => {
    const page = await person(browser, { javaScriptEnabled: false, language: 'de-CH' });
    await identify(page, 'Beat');
    await finish(page, 'beat@post.example', '079 000 00 52');
    await page.click('#continue');
    await page.waitForSelector('#op-terms');
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    await page.check('#terms');
    await page.click('#terms-accept');
    await page.waitForSelector('#portal-greeting');
    await page.leave();
  });

  test('the start page and the outbox show both funds', async () => {
    const page = await person(browser);
    await page.goto(demo.start);
    for (const fund of demo.funds) {
      assert.ok(await page.isVisible(`#fund-${fund.slug}`));
    }
    await look(page, 'start-two-funds');
    await page.goto(demo.outbox);
    await axe(page);
    await page.leave();
  });
});
