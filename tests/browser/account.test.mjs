// The person's own account, as each portal's little man leads to it; the «this was not me» of a mail; requests from another site.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, look, openBrowser, person, signIn, startDemo } from './support.mjs';

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

/** From a portal to its sign-in page. */
async function toSignIn(page, portal) {
  await page.goto(demo.portal(portal));
  await page.click('#portal-signin');
  await page.waitForSelector('#op-login');
}

/** Whether the browser still has a session of the provider. */
async function isSignedIn(page) {
  await page.goto(`${demo.issuer}/ui/account`);
  return (await page.locator('#who').count()) > 0;
}

/** The mail to an address whose subject begins so. */
function mailAbout(address, subject) {
  return eventually(`«${subject}» to ${address}`, async () => {
    const all = await demo.outboxList();
    return all.filter((message) => message.to === address && message.subject?.startsWith(subject)).at(-1);
  });
}

describe('my account', () => {
  test('x_09: Camille changes her password by the little man, and signs out everywhere', async () => {
    const [page, phone] = [await person(browser), await person(browser)];
    const camille = demo.accountOf('camille');
    await toSignIn(page, 'flex');
    await signIn(demo, page, camille);
    await page.waitForSelector('#portal-greeting');
    await toSignIn(phone, '1e');
    await signIn(demo, phone, camille);
    await phone.waitForSelector('#portal-greeting');
    await page.click('#portal-account');
    await page.waitForSelector('#who');
    assert.equal(await page.locator('#sessions button[value^="end:"]').count(), 2);
    assert.equal(await page.getAttribute('#back', 'href'), demo.portal('flex'));
    await look(page, 'account');
    await page.click('#password-change');
    await page.waitForSelector('#op-password');
    await look(page, 'account-password');
    await page.fill('#current', 'Faux-Passe-99!');
    await page.fill('#password', 'Lavaux-Pluie-74');
    await page.fill('#password_repeat', 'Lavaux-Pluie-74');
    await page.click('#password-submit');
    await page.waitForSelector('.summary a[href="#current"]');
    await look(page, 'account-password-wrong');
    await page.fill('#current', camille.password);
    await page.fill('#password', 'Lavaux-Pluie-74');
    await page.fill('#password_repeat', 'Lavaux-Pluie-74');
    await page.click('#password-submit');
    await page.waitForSelector('#done');
    await look(page, 'account-password-done');
    await mailAbout(camille.login, 'Votre mot de passe a été changé');
    assert.equal(await isSignedIn(phone), false, 'the other session has ended');

    // The new password signs in on a device that knows nothing; from here all sessions end.
    await phone.context().clearCookies();
    await toSignIn(phone, '1e');
    await signIn(demo, phone, camille, { password: 'Lavaux-Pluie-74' });
    await phone.waitForSelector('#portal-greeting');
    await page.reload();
    assert.equal(await page.locator('#sessions button[value^="end:"]').count(), 2);
    await page.click('#everywhere');
    await page.waitForSelector('#op-logged-out');
    await look(page, 'account-everywhere');
    assert.equal(await isSignedIn(page), false);
    assert.equal(await isSignedIn(phone), false);
    await look(page, 'account-sign-in');
    assert.deepEqual([...page.noticed, ...phone.noticed], []);
    await Promise.all([page.leave(), phone.leave()]);
  });

  test('one session is ended from another, and the language of the mails is chosen', async () => {
    const [page, phone] = [await person(browser, { language: 'de-CH' }), await person(browser, { language: 'de-CH' })];
    const noemie = demo.accountOf('noemie');
    // Terms first: the portal gets nothing before; they are not asked for again.
    await toSignIn(page, 'mySäntima');
    await signIn(demo, page, noemie);
    await page.waitForSelector('#op-terms');
    await look(page, 'terms-first-sign-in');
    await page.click('#terms-accept');
    await page.waitForSelector('.summary a[href="#terms"]');
    await look(page, 'terms-unticked');
    await page.check('#terms');
    await page.click('#terms-accept');
    await page.waitForSelector('#portal-greeting');
    await toSignIn(phone, 'mySäntima');
    await signIn(demo, phone, noemie);
    await phone.waitForSelector('#portal-greeting');
    await page.click('#portal-account');
    await page.waitForSelector('#who');
    await page.locator('#terms .act a').click();
    await page.waitForSelector('article.terms');
    await look(page, 'account-terms');
    await page.goBack();
    await page.locator('#sessions button[value^="end:"]').last().click();
    await page.waitForSelector('#done');
    assert.equal(await page.locator('#sessions button[value^="end:"]').count(), 1);
    await page.selectOption('#language', 'it');
    await page.click('#op-language button');
    await page.waitForSelector('#done');
    assert.equal(await page.inputValue('#language'), 'it');
    await look(page, 'account-language');
    assert.deepEqual(page.noticed, []);
    await Promise.all([page.leave(), phone.leave()]);
  });
});

describe('requests from another site', () => {
  /** A page of another site whose forms go where `fields` of each `action` say; the button's id is the form's number. */
  async function stranger(page, forms) {
    const html = forms.map(({ action, fields }, at) => {
      const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`).join('');
      return `<form method="post" action="${action}">${inputs}<button id="go-${at}">go</button></form>`;
    });
    await page.route('http://concours.example/**', (route) => route.fulfill({ contentType: 'text/html', body: html.join('') }));
  }

  test('they end no session, change nothing, and sign in as nobody else', async () => {
    const page = await person(browser);
    const beatrice = demo.accountOf('beatrice');
    await toSignIn(page, 'Employeurs');
    await signIn(demo, page, beatrice);
    await page.waitForSelector('#portal-greeting');
    await page.goto(`${demo.issuer}/ui/account`);
    const session = await page.inputValue('#op-sessions [name=of]');
    const authorize = {
      client_id: 'lindenhof-employer',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: `${demo.portal('Employeurs')}callback`,
    };
    const forms = [
      { action: `${demo.issuer}/ui/account/sessions`, fields: { of: session, action: 'everywhere' } },
      { action: `${demo.issuer}/ui/account/language`, fields: { of: session, language: 'it' } },
      { action: `${demo.issuer}/authorize`, fields: { ...authorize, prompt: 'none', state: 'x' } },
    ];
    await stranger(page, forms);
    for (const [at, { action }] of forms.entries()) {
      await page.goto('http://concours.example/');
      const answered = page.waitForResponse((response) => response.url() === action);
      await page.click(`#go-${at}`);
      const response = await answered;
      await page.waitForLoadState();
      if (action.endsWith('/authorize')) {
        assert.equal(response.status(), 303, 'the request is kept, and read without the session');
      } else {
        assert.equal(response.status(), 403);
        await page.waitForSelector('#op-error');
        await look(page, 'cross-site');
      }
    }
    assert.equal(await isSignedIn(page), true, 'the session goes on');
    assert.notEqual(await page.inputValue('#language'), 'it');
    await page.leave();
  });
});

describe('this was not me', () => {
  test('the mail of a new device leads to the page that blocks the access', async () => {
    const [thief, owner] = [await person(browser), await person(browser, { language: 'de-CH' })];
    const beatrice = demo.accountOf('beatrice');
    await toSignIn(thief, 'Employeurs');
    await signIn(demo, thief, beatrice);
    await thief.waitForSelector('#portal-greeting');
    const mail = await mailAbout(beatrice.login, 'Anmeldung mit einem neuen Gerät');
    const [link] = /http\S+\/ui\/not-me\/\S+/.exec(mail.text);
    assert.ok(mail.html.replaceAll('&#x2f;', '/').includes(link), 'the HTML part leads there too');
    await owner.goto(link);
    await owner.waitForSelector('#not-me');
    await look(owner, 'not-me');
    assert.equal(await isSignedIn(thief), true, 'opening the link changes nothing');
    await owner.click('#not-me-stop');
    await owner.waitForSelector('#account-stopped');
    await look(owner, 'not-me-done');
    assert.equal(await isSignedIn(thief), false);
    await thief.fill('#username', beatrice.login);
    await thief.fill('#password', beatrice.password);
    await thief.click('#login-submit');
    await thief.waitForSelector('.summary');
    await owner.goto(link);
    await owner.waitForSelector('#not-me-gone');
    await look(owner, 'not-me-gone');
    assert.deepEqual(owner.noticed, []);
    await Promise.all([thief.leave(), owner.leave()]);
  });
});
