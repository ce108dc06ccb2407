// The README's picture: step 1 of the wizard, as a person meets it who has come from a portal.

import { fileURLToPath } from 'node:url';
import { openBrowser, person, startDemo } from './support.mjs';

const picture = fileURLToPath(new URL('../../docs/wizard.png', import.meta.url));
const demo = await startDemo();
const browser = await openBrowser();
try {
  const page = await person(browser, { viewport: { width: 1000, height: 900 }, colorScheme: 'light' });
  const [marie] = demo.codes;
  await page.goto(demo.portal('flex'));
  await page.click('#portal-signin');
  await page.click('#register');
  await page.click('#population-insured');
  await page.fill('input[name=avs_number]', marie.identifiers.avs_number);
  await page.fill('input[name=birth_date]', marie.identifiers.birth_date);
  await page.fill('input[name=code]', marie.code);
  await page.check('input[name=terms]');
  await page.evaluate(() => document.activeElement.blur());
  await page.screenshot({ path: picture, fullPage: true, animations: 'disabled' });
  console.log(`wrote ${picture}`);
} finally {
  await browser.close();
  await demo.stop();
}
