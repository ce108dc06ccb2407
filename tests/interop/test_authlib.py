"""Authlib judges the provider of examples/conform: its own sessions, its own checks of metadata, ID tokens and userinfo."""

import secrets
import unittest
from urllib.parse import urlencode

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oidc.core import CodeIDToken, HybridIDToken, ImplicitIDToken, UserInfo
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from person import CALLBACK, ISSUER, LOGGED_OUT, SUITE, Browser, secret

SCOPE = "openid profile email address phone"
SIGNING = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]


def discovered():
    return requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()


class Client:
    """A client as its developer builds it with Authlib."""

    def __init__(self, client_id, client_secret, method, auth=None):
        self.metadata = discovered()
        self.id = client_id
        self.session = OAuth2Session(
            client_id, client_secret, scope=SCOPE, redirect_uri=CALLBACK, token_endpoint_auth_method=method,
            code_challenge_method="S256",
        )
        if auth:
            self.session.register_client_auth_method(auth)
        self.browser = Browser()

    @classmethod
    def known(cls, client_id, method="client_secret_basic"):
        return cls(client_id, secret(f"{client_id}.secret"), method)

    @classmethod
    def registered(cls, auth=None, key=None, **metadata):
        endpoint = discovered()["registration_endpoint"]
        answer = requests.post(endpoint, json={"redirect_uris": [CALLBACK], "client_name": "Judge", **metadata}, timeout=10)
        assert answer.status_code == 201, answer.text[:300]
        client = answer.json()
        return cls(client["client_id"], key or client.get("client_secret"), client["token_endpoint_auth_method"], auth)

    def keys(self):
        return KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=10).json())

    def claims(self, token, kind, nonce, **parts):
        """The claims of an ID token after all checks that Authlib knows."""
        decoded = jwt.decode(token, self.keys(), algorithms=SIGNING)
        options = {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": self.id}}
        claims = kind(decoded.claims, decoded.header, options, {"nonce": nonce, "client_id": self.id, **parts})
        claims.validate(leeway=5)
        return claims

    def asks(self, response_type="code", **more):
        """What comes back to the client; with the nonce and the verifier of the request."""
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        pkce = {"code_verifier": verifier} if "code" in response_type.split() else {}
        url, state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], response_type=response_type, nonce=nonce, **pkce, **more
        )
        back = self.browser.answer(url)
        assert back["state"] == state and back.get("iss") == ISSUER, back
        return back, nonce, verifier

    def redeems(self, code, verifier):
        return self.session.fetch_token(self.metadata["token_endpoint"], code=code, code_verifier=verifier)

    def signs_in(self, **more):
        back, nonce, verifier = self.asks(**more)
        tokens = self.redeems(back["code"], verifier)
        return tokens, self.claims(tokens["id_token"], CodeIDToken, nonce, access_token=tokens["access_token"])

    def userinfo(self):
        return self.session.get(self.metadata["userinfo_endpoint"], timeout=10)


class Judged(unittest.TestCase):
    def test_the_metadata_is_what_authlib_takes_for_right(self):
        OpenIDProviderMetadata(discovered()).validate()

    def test_code_with_basic_and_with_post(self):
        for client in [Client.known("client-1"), Client.known("client-post", "client_secret_post")]:
            _, claims = client.signs_in()
            person = UserInfo(client.userinfo().json())
            person.validate_locale()
            self.assertEqual((person.sub, person.email, person.birthdate), (claims["sub"], "alice@op.example", "1984-05-17"))
            told = set(person) - {"sub"}
            self.assertEqual(told, set(UserInfo.REGISTERED_CLAIMS) - {"sub"}, "every standard claim")

    def test_refresh_gives_the_same_person(self):
        client = Client.known("client-1")
        tokens, claims = client.signs_in()
        again = client.session.refresh_token(client.metadata["token_endpoint"], tokens["refresh_token"])
        second = client.claims(again["id_token"], CodeIDToken, None)
        for name in ["iss", "sub", "aud", "auth_time"]:
            self.assertEqual(second[name], claims[name])
        self.assertEqual(client.userinfo().status_code, 200)

    def test_hybrid_and_implicit_answers(self):
        client = Client.known("client-1")
        for response_type in ["code id_token", "code token", "code id_token token"]:
            for mode in ["fragment", "form_post"]:
                back, nonce, verifier = client.asks(response_type, response_mode=mode)
                if "id_token" in response_type:
                    client.claims(back["id_token"], HybridIDToken, nonce, code=back["code"], access_token=back.get("access_token"))
                client.redeems(back["code"], verifier)
        for response_type in ["id_token", "id_token token"]:
            back, nonce, _ = client.asks(response_type)
            claims = client.claims(back["id_token"], ImplicitIDToken, nonce, access_token=back.get("access_token"))
            self.assertEqual("given_name" in claims, response_type == "id_token")

    def test_max_age_and_a_wrong_redirect_uri(self):
        client = Client.known("client-1")
        _, claims = client.signs_in(max_age=10_000)
        self.assertIsInstance(claims["auth_time"], int)
        query = {"client_id": client.id, "response_type": "code", "scope": "openid", "redirect_uri": f"{CALLBACK}/other"}
        url, page = client.browser.go(f"{client.metadata['authorization_endpoint']}?{urlencode(query)}")
        self.assertTrue(url.startswith(ISSUER) and "op-error" in page)

    def test_introspection_and_revocation(self):
        client = Client.known("client-1")
        tokens, _ = client.signs_in()
        endpoints = client.metadata["introspection_endpoint"], client.metadata["revocation_endpoint"]

        def active():
            return client.session.introspect_token(endpoints[0], token=tokens["refresh_token"]).json()["active"]

        self.assertTrue(active())
        self.assertEqual(client.session.revoke_token(endpoints[1], token=tokens["refresh_token"]).status_code, 200)
        self.assertFalse(active())

    def test_registration_with_private_key_jwt_and_client_secret_jwt(self):
        endpoint = discovered()["token_endpoint"]
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": "judge"})
        own = PrivateKeyJWT(endpoint, alg="ES256", headers={"kid": "judge"})
        jwks = {"keys": [key.as_dict(private=False)]}
        Client.registered(own, key, token_endpoint_auth_method="private_key_jwt", jwks=jwks).signs_in()
        Client.registered(ClientSecretJWT(endpoint), token_endpoint_auth_method="client_secret_jwt").signs_in()

    def test_a_request_object_says_what_counts(self):
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": "judge"})
        client = Client.registered(jwks={"keys": [key.as_dict(private=False)]}, request_object_signing_alg="ES256")
        inner = {"iss": client.id, "aud": ISSUER, "client_id": client.id, "response_type": "code", "redirect_uri": CALLBACK,
                 "scope": SCOPE, "state": "inner", "nonce": "inner-nonce"}
        outer = {"client_id": client.id, "response_type": "code", "scope": "openid", "state": "outer",
                 "request": jwt.encode({"alg": "ES256", "kid": "judge"}, inner, key)}
        back = client.browser.answer(f"{client.metadata['authorization_endpoint']}?{urlencode(outer)}")
        self.assertEqual(back["state"], "inner")
        tokens = client.redeems(back["code"], None)
        client.claims(tokens["id_token"], CodeIDToken, "inner-nonce")

    def test_signed_and_encrypted_userinfo(self):
        for key, alg, enc in [
            (RSAKey.generate_key(2048, {"use": "enc", "kid": "judge"}), "RSA-OAEP-256", "A128CBC-HS256"),
            (ECKey.generate_key("P-256", {"use": "enc", "kid": "judge"}), "ECDH-ES+A128KW", "A256GCM"),
        ]:
            client = Client.registered(
                jwks={"keys": [key.as_dict(private=False)]}, userinfo_signed_response_alg="RS256",
                userinfo_encrypted_response_alg=alg, userinfo_encrypted_response_enc=enc,
            )
            _, claims = client.signs_in()
            answer = client.userinfo()
            self.assertEqual(answer.headers["content-type"].split(";")[0], "application/jwt")
            opened = jwe.decrypt_compact(answer.text, key, algorithms=[alg, enc])
            inner = jwt.decode(opened.plaintext.decode(), client.keys(), algorithms=SIGNING).claims
            self.assertEqual((inner["sub"], inner["iss"], inner["aud"]), (claims["sub"], ISSUER, client.id))

    def test_consent_once_and_again_when_the_scope_grows(self):
        client = Client.registered()
        client.session.scope = "openid"
        client.asks()
        self.assertEqual(client.browser.asked, ["op-login", "op-consent"])
        client.asks()
        self.assertEqual(client.browser.asked, [])
        client.session.scope = SCOPE
        client.asks()
        self.assertEqual(client.browser.asked, ["op-consent"])

    def test_logout_ends_the_session_and_leads_back(self):
        client = Client.known("client-2")
        tokens, _ = client.signs_in()
        query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": LOGGED_OUT, "state": "bye"}
        url, page = client.browser.go(f"{client.metadata['end_session_endpoint']}?{urlencode(query)}")
        self.assertTrue(url == f"{LOGGED_OUT}?state=bye" or "op-logged-out" in page, url)
        self.assertEqual(client.userinfo().status_code, 401)
        self.assertTrue(SUITE)


if __name__ == "__main__":
    unittest.main()
