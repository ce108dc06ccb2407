// What was forgotten or lost: the reset of a password, with and without script, and the way back without the second factor.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, look, mailbox, next, openBrowser, person, sixDigits, startDemo, totp, typeCode } from './support.mjs';

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

/** From a portal's button to the link of the forgotten password. */
async function forgotten(page, portal) {
  await page.goto(demo.portal(portal));
  await page.click('#portal-signin');
  await page.waitForSelector('#op-login');
  await page.locator('#op-login a', { hasText: '→' }).click();
  await page.waitForSelector('#op-recovery');
}

/** The newest mail to an address whose subject begins with a code. */
function codeMail(address) {
  return eventually(`a code for ${address}`, async () => {
    const all = await demo.outboxList();
    return all.filter((message) => message.to === address && /^\d/.test(message.subject ?? '')).at(-1);
  });
}

describe('a forgotten password', () => {
  test('v_06: Camille gets a new one by mail and SMS, and signs in with it', async () => {
    const page = await person(browser);
    const camille = demo.accountOf('camille');
    await forgotten(page, 'flex');
    await look(page, 'reset-name');
    await page.fill('#username', camille.login);
    await next(page);
    await page.waitForSelector('#op-recovery-code');
    await look(page, 'reset-code');
    const mail = await codeMail(camille.login);
    const wrong = sixDigits(mail) === '000000' ? '111111' : '000000';
    await typeCode(page, wrong);
    await page.waitForSelector('.summary');
    await look(page, 'reset-code-wrong');
    await page.locator('.summary a').click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'code', 'the summary leads to the field');
    await typeCode(page, sixDigits(mail));
    await page.waitForSelector('#op-factor');
    await look(page, 'reset-factor');
    await typeCode(page, sixDigits(await demo.lastSms(camille.factors[0].number)));
    await page.waitForSelector('#op-recovery-password');
    assert.equal(await page.inputValue('#username'), camille.login);
    await look(page, 'reset-password');
    await page.fill('#password', 'court');
    await page.fill('#password_repeat', 'autre');
    await next(page);
    await page.waitForSelector('.summary');
    await look(page, 'reset-password-errors');
    await page.fill('#password', 'Lavaux-Neige-73');
    await page.fill('#password_repeat', 'Lavaux-Neige-73');
    await next(page);
    await page.waitForSelector('#recovered');
    await look(page, 'reset-done');
    const notice = await demo.lastMail(camille.login, { after: mail });
    assert.match(notice.subject, /^Votre mot de passe a été changé/);
    await page.click('#continue');
    await page.waitForSelector('#op-login');
    await page.fill('#username', camille.login);
    await page.fill('#password', 'Lavaux-Neige-73');
    const earlier = (await demo.outboxList()).at(-1);
    await next(page);
    await page.waitForSelector('#op-factor');
    await typeCode(page, sixDigits(await demo.lastSms(camille.factors[0].number, { after: earlier })));
    await page.waitForSelector('#portal-greeting');
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });

  test('v_06: without script, in German', async () => {
    const page = await person(browser, { javaScriptEnabled: false, language: 'de-CH' });
    const beatrice = demo.accountOf('beatrice');
    await forgotten(page, 'Employeurs');
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    await page.fill('#username', beatrice.login);
    await next(page);
    await typeCode(page, sixDigits(await codeMail(beatrice.login)));
    await page.waitForSelector('#op-factor');
    await typeCode(page, sixDigits(await demo.lastSms(beatrice.factors[0].number)));
    await page.waitForSelector('#op-recovery-password');
    await page.fill('#password', 'Sagiweg-Ahorn-78');
    await page.fill('#password_repeat', 'Sagiweg-Ahorn-78');
    await next(page);
    await page.waitForSelector('#recovered');
    await page.leave();
  });

  test('a name that nobody has sees the same page, and no mail leaves', async () => {
    const page = await person(browser);
    await forgotten(page, 'flex');
    await page.fill('#username', 'jean-christophe.de-la-tour-du-pin@administration-communale.example');
    await next(page);
    await page.waitForSelector('#op-recovery-code');
    await look(page, 'reset-nobody');
    await typeCode(page, '123456');
    await page.waitForSelector('.summary');
    await page.locator('button[value=cancel]').click();
    await page.waitForSelector('#op-login');
    assert.ok(!(await demo.outboxList()).some((message) => message.to.startsWith('jean-christophe')));
    await page.leave();
  });

  test('somebody else’s reset does not go on here, and says so', async () => {
    const [page, other] = [await person(browser), await person(browser)];
    await forgotten(page, 'flex');
    await page.fill('#username', 'nobody@post.example');
    await next(page);
    await page.waitForSelector('#op-recovery-code');
    await other.goto(page.url());
    await other.waitForSelector('#stopped[data-reason=elsewhere]');
    await look(other, 'reset-elsewhere');
    await other.click('#way-on');
    await other.waitForSelector('#op-recovery');
    await Promise.all([page.leave(), other.leave()]);
  });
});

describe('a lost second factor', () => {
  test('the page names the fund, the fund resets, the letter’s code gives a new password and a new factor', async () => {
    const page = await person(browser);
    const reto = demo.accountOf('reto');
    await page.goto(demo.portal('flex'));
    await page.click('#portal-signin');
    await page.waitForSelector('#op-login');
    await page.fill('#username', reto.login);
    await page.fill('#password', reto.password);
    await next(page);
    await page.waitForSelector('#op-factor');
    await page.click('#lost-factor');
    await page.waitForSelector('#whom-to-ask a[href^="tel:"]');
    await look(page, 'lost-factor');
    await page.click('#back');
    await page.waitForSelector('#op-factor');
    const why = ['--reason', 'phone lost, identified at the desk'];
    const { code } = await demo.command('account', 'reset-factor', '--realm', 'lindenhof', '--registry-no', '10021', ...why);
    // The factor that was taken away, and the password, open nothing any more.
    await typeCode(page, totp(reto.factors[0].secret));
    await page.waitForSelector('#op-login');
    const told = await eventually('the notice', async () => {
      const all = await demo.outboxList();
      return all.find((message) => message.to === reto.login && message.subject.startsWith('Ihr zweiter Faktor wurde entfernt'));
    });
    assert.match(told.text, /not-me/);

    // Nor does the mailbox alone.
    await forgotten(page, 'flex');
    await page.fill('#username', reto.login);
    await next(page);
    const reset = await codeMail(reto.login);
    await typeCode(page, sixDigits(reset));
    await page.waitForSelector('#stopped[data-reason=letter]');
    await look(page, 'lost-reset');
    await page.click('#way-on');
    await page.click('#population-insured');
    await page.fill('input[name=avs_number]', '756.0000.0002.17');
    await page.fill('input[name=birth_date]', '02.10.1964');
    await page.fill('input[name=code]', code);
    await page.check('input[name=terms]');
    await next(page);
    await page.waitForSelector('#account');
    assert.match(await page.innerText('#account'), /^r•+@post\.example$/, 'a letter alone does not tell the address');
    assert.equal(await page.locator('input[name=email]').count(), 0, 'the address cannot be another one');
    await look(page, 'recover-step-2');
    await page.fill('#password', 'Emmental-Neu-65');
    await page.fill('#password_repeat', 'Emmental-Neu-65');
    await next(page);
    await page.waitForSelector('input[name=code]');
    await look(page, 'recover-step-3');
    await typeCode(page, sixDigits(await eventually('another code', async () => {
      const mail = await codeMail(reto.login);
      return mail.id !== reset.id && mail;
    })));
    await page.check('input[name=factor][value=sms]');
    await page.fill('#phone', '079 000 00 77');
    await next(page);
    await page.waitForSelector('input[name=code]');
    await typeCode(page, sixDigits(await demo.lastSms('+41 79 000 00 77')));
    await page.waitForSelector('#enrolled');
    await look(page, 'recover-success');
    assert.deepEqual(page.noticed, []);
    await page.leave();
  });
});
