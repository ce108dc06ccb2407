// openid-client (panva) judges the provider of examples/conform: every journey of a client's developer, with all checks that the library knows.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { compactVerify, createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { Browser, at, eventually, forms, issuer, posted, redirectUri, secret, serve, suite } from './person.mjs';

const claims = {
  name: 'Alice Rose Meier', given_name: 'Alice', family_name: 'Meier', middle_name: 'Rose', nickname: 'Ali', preferred_username: 'alice.meier',
  profile: 'https://op.example/people/alice', picture: 'https://op.example/people/alice.png', website: 'https://alice.example/',
  gender: 'female', birthdate: '1984-05-17', zoneinfo: 'Europe/Zurich', locale: 'en', email: 'alice@op.example', email_verified: true,
  phone_number: '+41215550110', phone_number_verified: true,
};
const everything = 'openid profile email address phone';

/** A static client of the realm's document. */
const known = (id, method = oidc.ClientSecretBasic) => {
  const shared = secret(`${id}.secret`);
  return oidc.discovery(new URL(issuer), id, { client_secret: shared }, method(shared), { execute: [oidc.enableNonRepudiationChecks] });
};

/** One that registers itself. */
async function registered(metadata, method) {
  const config = await oidc.dynamicClientRegistration(new URL(issuer), { redirect_uris: [redirectUri], client_name: 'Judge', ...metadata }, method);
  oidc.enableNonRepudiationChecks(config);
  return config;
}

/** What is sent, and what the answer is checked against. */
async function request(more = {}) {
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const sent = {
    redirect_uri: redirectUri, scope: everything, state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  };
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return { sent, checks };
}

/** From the client's button to its tokens. */
async function signIn(config, { more, browser = new Browser(), url = oidc.buildAuthorizationUrl } = {}) {
  const { sent, checks } = await request(more);
  const answer = await browser.answer((await url(config, sent)).href);
  const tokens = await oidc.authorizationCodeGrant(config, answer.form ? posted(answer) : new URL(answer.url), checks);
  return { tokens, answer, browser, checks };
}

test('code with PKCE and client_secret_basic; userinfo has every standard claim', async () => {
  const config = await known('client-1');
  const { tokens, answer } = await signIn(config);
  assert.deepEqual(answer.asked, ['op-login']);
  const { sub, address, updated_at, ...told } = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.deepEqual(told, claims);
  assert.equal(address.postal_code, '1003');
  assert.ok(sub.length > 0 && Number.isInteger(updated_at));
  assert.equal(tokens.claims().given_name, undefined, 'claims of the person stay at userinfo');
});

test('client_secret_post, and exactly the registered method', async () => {
  await signIn(await known('client-post', oidc.ClientSecretPost));
  const wrong = await known('client-post', oidc.ClientSecretBasic);
  await assert.rejects(signIn(wrong), (error) => error.status === 401);
});

test('refresh keeps who and when; a second use of the code ends what came of it', async () => {
  const config = await known('client-1');
  const { tokens, answer, checks } = await signIn(config);
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  const [first, second] = [tokens.claims(), again.claims()];
  for (const name of ['iss', 'sub', 'aud', 'auth_time']) assert.deepEqual(second[name], first[name], name);
  await assert.rejects(oidc.authorizationCodeGrant(config, new URL(answer.url), checks), (error) => error.error === 'invalid_grant');
  await assert.rejects(oidc.fetchUserInfo(config, again.access_token, first.sub));
});

test('prompt and max_age: silent with a session, login_required without, signed in again where asked', async () => {
  const config = await known('client-1');
  const { tokens, browser } = await signIn(config);
  const silent = await signIn(config, { browser, more: { prompt: 'none' } });
  assert.deepEqual([silent.answer.asked, silent.tokens.claims().sub], [[], tokens.claims().sub]);
  assert.equal(silent.tokens.claims().auth_time, tokens.claims().auth_time);
  await assert.rejects(signIn(config, { more: { prompt: 'none' } }), (error) => error.error === 'login_required');
  const login = await signIn(config, { browser, more: { prompt: 'login' } });
  assert.deepEqual(login.answer.asked, ['op-login']);
});

test('form_post brings the code to the client’s server', async () => {
  const { answer } = await signIn(await known('client-1'), { more: { response_mode: 'form_post' } });
  assert.equal(answer.form.action, redirectUri);
});

test('code id_token: the code and the ID token belong together', async () => {
  const config = await known('client-1');
  oidc.useCodeIdTokenResponseType(config);
  await signIn(config);
  await signIn(config, { more: { response_mode: 'form_post' } });
});

test('id_token alone has the claims of its scopes', async () => {
  const config = await known('client-1');
  oidc.useIdTokenResponseType(config);
  const { sent, checks } = await request();
  delete sent.code_challenge;
  delete sent.code_challenge_method;
  const answer = await new Browser().answer(oidc.buildAuthorizationUrl(config, sent).href);
  const found = await oidc.implicitAuthentication(config, new URL(answer.url), checks.expectedNonce, { expectedState: checks.expectedState });
  assert.equal(found.given_name, 'Alice');
});

test('introspection and revocation by the client that holds the token', async () => {
  const config = await known('client-1');
  const { tokens } = await signIn(config);
  assert.equal((await oidc.tokenIntrospection(config, tokens.refresh_token)).active, true);
  await oidc.tokenRevocation(config, tokens.refresh_token);
  assert.equal((await oidc.tokenIntrospection(config, tokens.refresh_token)).active, false);
});

test('a client registers itself, is asked for consent once, reads and deletes its registration', async () => {
  const config = await registered({});
  const { answer, browser } = await signIn(config);
  assert.deepEqual(answer.asked, ['op-login', 'op-consent']);
  assert.deepEqual((await signIn(config, { browser })).answer.asked, [], 'remembered');
  const { registration_client_uri: uri, registration_access_token: token, client_id: id } = config.clientMetadata();
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await (await fetch(uri, { headers })).json()).client_id, id);
  assert.equal((await fetch(uri, { method: 'DELETE', headers })).status, 204);
  assert.equal((await fetch(uri, { headers })).status, 401);
});

/** A key pair, with its public half as clients publish it. */
async function keys(alg, use) {
  const pair = await generateKeyPair(alg, { extractable: true });
  const kid = randomUUID();
  return { ...pair, kid, jwk: { ...(await exportJWK(pair.publicKey)), kid, use, alg } };
}

for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
  test(`private_key_jwt, a signed request object, ID token and userinfo in ${alg}`, async () => {
    const { privateKey, kid, jwk } = await keys(alg, 'sig');
    const key = { key: privateKey, kid };
    const metadata = {
      token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] }, request_object_signing_alg: alg,
      id_token_signed_response_alg: alg, userinfo_signed_response_alg: alg,
    };
    const config = await registered(metadata, oidc.PrivateKeyJwt(key));
    const { tokens } = await signIn(config, { url: (config, sent) => oidc.buildAuthorizationUrlWithJAR(config, sent, key) });
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).nickname, 'Ali');
  });
}

test('client_secret_jwt', async () => {
  await signIn(await registered({ token_endpoint_auth_method: 'client_secret_jwt' }, oidc.ClientSecretJwt()));
});

test('keys by jwks_uri, and a request object by request_uri', async () => {
  const { privateKey, kid, jwk } = await keys('ES256', 'sig');
  let object = '';
  const close = await serve({
    '/jwks': () => [200, 'application/json', JSON.stringify({ keys: [jwk] })],
    '/request': () => [200, 'application/oauth-authz-req+jwt', object],
  });
  after(close);
  const key = { key: privateKey, kid };
  const metadata = {
    token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${suite}/jwks`, request_uris: [`${suite}/request`], request_object_signing_alg: 'ES256',
  };
  const config = await registered(metadata, oidc.PrivateKeyJwt(key));
  const byReference = async (config, sent) => {
    object = (await oidc.buildAuthorizationUrlWithJAR(config, sent, key)).searchParams.get('request');
    const { client_id } = config.clientMetadata();
    const outer = { client_id, scope: 'openid', response_type: 'code', request_uri: `${suite}/request` };
    return new URL(`${config.serverMetadata().authorization_endpoint}?${new URLSearchParams(outer)}`);
  };
  await signIn(config, { url: byReference });
  await close();
});

for (const [alg, enc] of [['RSA-OAEP-256', 'A256GCM'], ['ECDH-ES', 'A128CBC-HS256'], ['ECDH-ES+A128KW', 'A256GCM']]) {
  test(`ID token and userinfo encrypted with ${alg} and ${enc}`, async () => {
    const { privateKey, kid, jwk } = await keys(alg, 'enc');
    const config = await registered({
      jwks: { keys: [jwk] }, id_token_encrypted_response_alg: alg, id_token_encrypted_response_enc: enc,
      userinfo_signed_response_alg: 'ES256', userinfo_encrypted_response_alg: alg, userinfo_encrypted_response_enc: enc,
    });
    oidc.enableDecryptingResponses(config, [enc], { key: privateKey, alg, kid });
    const { tokens } = await signIn(config);
    assert.equal(tokens.id_token.split('.').length, 5);
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).nickname, 'Ali');
  });
}

test('RP-initiated logout leads back with state; the tokens end', async () => {
  const config = await known('client-1');
  const { tokens, browser } = await signIn(config);
  const back = at('post_logout_redirect');
  const url = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: back, state: 'bye' });
  let page = await browser.go(url.href);
  // A page that tells other portals first leads on by a refresh or a link.
  if (page.url.startsWith(`${issuer}/`)) page = { url: await eventually('the way back', () => onwards(page.html)) };
  assert.equal(page.url, `${back}?state=bye`);
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
  await assert.rejects(signIn(config, { browser, more: { prompt: 'none' } }), (error) => error.error === 'login_required');
});

/** Where a page leads on to by itself, where it does. */
const onwards = (html) => /http-equiv="refresh" content="\d+; ?url=([^"]*)"/i.exec(html)?.[1].replace(/&amp;/g, '&').replace(/&#x2f;/g, '/');

test('back-channel logout brings a logout token that verifies; front-channel gets iss and sid', async () => {
  const heard = [];
  const close = await serve({
    '/test/a/poterne/backchannel_logout': (_, body) => {
      heard.push(new URLSearchParams(body).get('logout_token'));
      return [200, 'text/plain', ''];
    },
  });
  after(close);
  const config = await known('client-1');
  const { tokens, browser } = await signIn(config);
  const back = at('post_logout_redirect');
  const page = await browser.go(oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: back }).href);
  const [token] = await eventually('a logout token', () => heard.length > 0 && heard);
  const keySet = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  const { payload } = await jwtVerify(token, keySet, { issuer, audience: 'client-1', typ: 'logout+jwt' });
  assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} });
  assert.equal(payload.nonce, undefined);
  const { sid } = tokens.claims();
  assert.ok(payload.jti && payload.sid === sid);
  const [, frame] = /<iframe[^>]*src="([^"]*)"/.exec(page.html) ?? assert.fail(`no frame on ${page.url}`);
  const told = new URL(frame.replace(/&amp;/g, '&').replace(/&#x2f;/g, '/')).searchParams;
  assert.deepEqual([...told].sort(), [['iss', issuer], ['sid', sid]].sort());
  await close();
});

test('the key set verifies what the library did not look at', async () => {
  const config = await known('client-1');
  const { tokens } = await signIn(config);
  await compactVerify(tokens.access_token, createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri)));
  assert.equal(forms('<form id="a" action="/x"><input name="b" value="c"></form>')[0].fields.b, 'c');
});
